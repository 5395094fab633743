#include "llmtool/tasks/classification/task.h"

#include <optional>
#include <string>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/tasks/classification/data.h"
#include "llmtool/tasks/classification/objective.h"

namespace llmtool {
namespace {

std::optional<std::string> positive_label(const RunConfig& config) {
  const std::optional<LabelName>& name = config.evaluation.task.classification.positive_label;
  return name ? std::optional(name->text) : std::nullopt;
}

// precision, recall and f1 exist for two labels only; that is known once the labels are.
void check_metric_fits(const RunConfig& config, const LabelSet& labels) {
  const std::string& metric = *config.evaluation.metric;
  if (find_metric(metric)->two_classes_only && labels.size() != 2)
    throw ConfigError("evaluation.metric " + metric + " is defined for two labels only, and the data has " +
                      std::to_string(labels.size()) + "; use macro_" + metric + " instead");
}

// More labels than this are not listed one by one.
constexpr std::int64_t kMostLabelsOnCard = 40;

std::string label_line(const LabelSet& labels) {
  std::string text = "Labels, in the order of their ids: ";
  for (std::int64_t id = 0; id < labels.size() && id < kMostLabelsOnCard; ++id)
    text += (id == 0 ? "`" : ", `") + labels.name(id) + "`";
  if (labels.size() > kMostLabelsOnCard) text += ", … (" + std::to_string(labels.size()) + " in all, see config.json)";
  return text + ".";
}

class ClassificationTask : public TextTaskOf<LabelledExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& model_config,
                 std::int64_t num_threads, EventSink& events) override {
    ClassificationData data =
        read_classification_data(config, labels_of_head(config, model_config), tokenizer, num_threads, events);
    check_metric_fits(config, data.choice.labels);
    choice_ = std::move(data.choice);
    policy_ = config.model.head;
    data_ = std::move(data.parts);
    objective_.emplace(choice_.labels, config.training.task.classification, data_.training.num_of_label,
                       positive_label(config));
  }

  void complete(LoadRequest& request) const override {
    request.labels = choice_.labels.names();
    request.labels_are_ordered = choice_.origin == LabelOrigin::kConfig;
    request.policy = policy_;
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    return std::make_unique<ClassificationBatch>(
        objective_->make_batch(data_.training.encoded.dataset, micro_batch.examples, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    return objective_->loss(model, static_cast<const ClassificationBatch&>(batch));
  }

  void add_counts(Json& counts) const override {
    const auto add = [&](const char* key, DataPart part) {
      const LabelledExamples* examples = data_.find(part);
      if (examples != nullptr && examples->labels_are_ids) counts[key] = true;
    };
    add("train_labels_are_ids", DataPart::kTraining);
    add("eval_labels_are_ids", DataPart::kValidation);
    add("test_labels_are_ids", DataPart::kTest);
  }
  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "text-classification";
    card.kind = "A text classifier fine-tuned";
    card.unit = "rows";
    card.data_notes = label_line(choice_.labels);
    card.shell_example = "echo \"some text\" | llmtool predict . --input - --format text";
    card.python_example =
        "from transformers import pipeline\n\npipeline(\"text-classification\", model=\".\")(\"some text\")";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const LabelledExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const auto name = [&](std::int64_t example) { return examples.describe(example); };
    return objective_->evaluate(model, examples.encoded.dataset, options, what, events, name).report;
  }

 private:
  LabelChoice choice_;
  HeadPolicy policy_ = HeadPolicy::kAuto;
  std::optional<ClassificationObjective> objective_;  // once the data is read
};

}  // namespace

std::unique_ptr<Task> make_classification_task() { return std::make_unique<ClassificationTask>(); }

}  // namespace llmtool
