#include "llmtool/tasks/multi_label/task.h"

#include <optional>
#include <string>
#include <utility>

#include "llmtool/data/label_assignment.h"
#include "llmtool/tasks/multi_label/objective.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

// More labels than this are not listed one by one.
constexpr std::size_t kMostLabelsLogged = 12;
constexpr std::size_t kMostLabelsOnCard = 40;

struct MultiLabelExamples : TextExamples {
  MultiLabelTexts texts() const { return {encoded.dataset, label_ids}; }
  void log(EventSink& events) const override;

  LabelSet labels;
  RaggedColumn<std::int64_t> label_ids;    // [examples]
  std::vector<std::int64_t> num_of_label;  // examples, by label id
  bool labels_are_ids = false;
};

std::int64_t num_without_label(const MultiLabelExamples& examples) {
  std::int64_t count = 0;
  for (std::int64_t example = 0; example < examples.size(); ++example) count += examples.label_ids.row(example).empty();
  return count;
}

void MultiLabelExamples::log(EventSink& events) const {
  Json counts = Json::object();
  std::string text = "labels: ";
  for (std::size_t id = 0; id < num_of_label.size(); ++id) {
    const std::string& label = labels.name(static_cast<std::int64_t>(id));
    counts[label] = num_of_label[id];
    if (id < kMostLabelsLogged) text += (id == 0 ? "" : ", ") + label + " " + std::to_string(num_of_label[id]);
  }
  if (num_of_label.size() > kMostLabelsLogged) text += ", … (" + std::to_string(num_of_label.size()) + " labels)";
  const std::int64_t without = num_without_label(*this);
  log_texts(events, text + "; rows without a label: " + std::to_string(without),
            {{"labels_are_ids", labels_are_ids}, {"labels", counts}, {"num_without_label", without}});
  if (labels_are_ids) events.info(describe_label_ids(path, labels));
}

RecordColumns record_columns(const RunConfig& config) {
  RecordColumns columns = RecordColumns::from(config.data);
  columns.label_form = LabelForm::kNames;
  columns.label_separator = config.data.task.multi_label.label_separator;
  return columns;
}

// The columns of 0 and 1 are the labels, in their order.
std::vector<std::string> configured_labels(const RunConfig& config) {
  return config.data.label.size() > 1 ? config.data.label : config.data.labels;
}

MultiLabelExamples make_examples(RecordFile file, const std::string& name, const LabelSet& labels,
                                 UnknownLabel unknown_label, const TextExamplesMaker& maker) {
  const RecordFile facts{file.path, {}, file.num_empty_texts, file.sha256};
  MultiLabelRecords rows = assign_label_lists(std::move(file), labels, unknown_label);
  MultiLabelExamples examples;
  maker.fill(examples, facts, rows.records, {}, name);
  examples.labels = labels;
  examples.label_ids = std::move(rows.label_ids);
  examples.num_of_label = std::move(rows.num_examples);
  examples.labels_are_ids = rows.labels_are_ids;
  examples.num_skipped = rows.num_skipped;
  return examples;
}

std::string labels_on_card(const LabelSet& labels, const std::vector<double>& thresholds) {
  std::string text =
      "A text has a label whose probability is above the threshold:\n\n| label | threshold |\n|---|---|\n";
  for (std::size_t id = 0; id < thresholds.size() && id < kMostLabelsOnCard; ++id)
    text += "| `" + labels.name(static_cast<std::int64_t>(id)) + "` | " + short_number(thresholds[id]) + " |\n";
  if (thresholds.size() > kMostLabelsOnCard)
    text += "\n" + std::to_string(thresholds.size()) + " labels in all, see config.json.\n";
  return text;
}

class MultiLabelTask : public TextTaskOf<MultiLabelExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& model_config,
                 std::int64_t num_threads, EventSink& events) override {
    DataParts<RecordFile> files = read_record_parts(config, record_columns(config));
    const std::vector<std::string> configured = configured_labels(config);
    choice_ = configured.empty() ? choose_labels(files.training, {}, labels_of_head(config, model_config))
                                 : LabelChoice{LabelSet(configured), LabelOrigin::kConfig};
    const TextExamplesMaker maker(config, tokenizer, num_threads, events);
    data_ = map_parts(std::move(files), [&](RecordFile file, const std::string& name) {
      return make_examples(std::move(file), name, choice_.labels, config.data.unknown_label, maker);
    });
    policy_ = config.model.head;
    threshold_ = config.evaluation.task.multi_label.threshold;
    objective_.emplace(choice_.labels, config.training.task.multi_label.pos_weight, data_.training.num_of_label,
                       data_.training.size());
  }

  void complete(LoadRequest& request) const override {
    request.labels = choice_.labels.names();
    request.labels_are_ordered = choice_.origin == LabelOrigin::kConfig;
    request.policy = policy_;
    request.problem_type = "multi_label_classification";
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    return std::make_unique<MultiLabelBatch>(
        objective_->make_batch(data_.training.texts(), micro_batch.examples, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    tuned_.reset();
    return objective_->loss(model, static_cast<const MultiLabelBatch&>(batch));
  }

  void conclude(Model& model, const ScoringOptions& options) const override {
    if (threshold_.is_tuned && !tuned_) tune(model, options, "tuning thresholds", silent_events());
    model.set_config("thresholds", thresholds_to_json(choice_.labels.names(), thresholds()));
  }
  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "text-classification";
    card.kind = "A text classifier of several labels fine-tuned";
    card.unit = "rows";
    card.data_notes = labels_on_card(choice_.labels, thresholds());
    card.shell_example = "echo \"some text\" | llmtool predict . --input - --format text";
    card.python_example =
        "from transformers import pipeline\n\npipeline(\"text-classification\", model=\".\", top_k=None)(\"some "
        "text\")";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const MultiLabelExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const bool tunes = threshold_.is_tuned && &examples == data_.find(DataPart::kValidation);
    const MultiLabelEvaluation evaluation =
        tunes ? tune(model, options, what, events) : score(model, examples, options, what, events);
    return objective_->report(evaluation, thresholds());
  }

 private:
  MultiLabelEvaluation score(Model& model, const MultiLabelExamples& examples, const ScoringOptions& options,
                             const std::string& what, EventSink& events) const {
    const auto name = [&](std::int64_t example) { return examples.describe(example); };
    return objective_->evaluate(model, examples.texts(), options, what, events, name);
  }

  MultiLabelEvaluation tune(Model& model, const ScoringOptions& options, const std::string& what,
                            EventSink& events) const {
    MultiLabelEvaluation evaluation = score(model, *data_.validation, options, what, events);
    tuned_ = tune_thresholds(evaluation.scores);
    return evaluation;
  }

  std::vector<double> thresholds() const {
    if (threshold_.is_tuned) return tuned_.value();
    return std::vector<double>(choice_.labels.names().size(), threshold_.value);
  }

  LabelChoice choice_;
  HeadPolicy policy_ = HeadPolicy::kAuto;
  LabelThreshold threshold_;
  std::optional<MultiLabelObjective> objective_;  // once the data is read
  // Found on the validation data with the model's present weights; they go when these are trained on.
  mutable std::optional<std::vector<double>> tuned_;
};

}  // namespace

std::unique_ptr<Task> make_multi_label_task() { return std::make_unique<MultiLabelTask>(); }

}  // namespace llmtool
