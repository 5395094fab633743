#include "llmtool/tasks/token_classification/task.h"

#include <optional>
#include <string>
#include <utility>

#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/tasks/token_classification/data.h"
#include "llmtool/tasks/token_classification/objective.h"

namespace llmtool {
namespace {

// Label names of the model's own head, which may fix their order.
LabelSet labels_of_token_head(const RunConfig& config, const Json& model_config) {
  if (config.model.head == HeadPolicy::kNew || config.model.from.empty()) return {};
  const std::string file = model_config_path(config.model.from);
  // The labels of another head say nothing of tags.
  if (stored_head_kind(model_config, file) != HeadKind::kTokenClassification) return {};
  return LabelSet(read_labels(model_config, file));
}

// More tags than this are not listed one by one.
constexpr std::int64_t kMostTagsOnCard = 40;

std::string tag_line(const LabelSet& labels, TagScheme scheme) {
  std::string text = "Tags (" + std::string(enum_name(scheme)) + "), in the order of their ids: ";
  for (std::int64_t id = 0; id < labels.size() && id < kMostTagsOnCard; ++id)
    text += (id == 0 ? "`" : ", `") + labels.name(id) + "`";
  if (labels.size() > kMostTagsOnCard) text += ", … (" + std::to_string(labels.size()) + " in all, see config.json)";
  return text + ".";
}

class TokenClassificationTask : public TaskOf<TaggedExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& model_config,
                 std::int64_t num_threads, EventSink& events) override {
    TokenClassificationData data = read_token_classification_data(config, labels_of_token_head(config, model_config),
                                                                  tokenizer, num_threads, events);
    choice_ = std::move(data.choice);
    scheme_ = data.scheme;
    policy_ = config.model.head;
    data_ = std::move(data.parts);
    objective_.emplace(choice_.labels, scheme_, config.evaluation.task.token_classification.viterbi);
  }

  void complete(LoadRequest& request) const override {
    request.labels = choice_.labels.names();
    request.labels_are_ordered = choice_.origin == LabelOrigin::kConfig;
    request.policy = policy_;
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    const TaggedExamples& training = data_.training;
    std::vector<std::int64_t> features;
    for (const std::int64_t example : micro_batch.examples)
      features.push_back(training.features[static_cast<std::size_t>(example)]);
    return std::make_unique<TokenClassificationBatch>(
        objective_->make_batch(training.encoded.dataset, training.targets, features, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    return objective_->loss(model, static_cast<const TokenClassificationBatch&>(batch));
  }

  void add_counts(Json& counts) const override {
    counts["train_sentences"] = data_.training.num_units();
    counts["train_words_without_token"] = data_.training.encoded.num_words_without_piece;
    counts["train_illegal_tags"] = data_.training.sentences.tags.num_illegal;
    counts["tag_scheme"] = enum_name(scheme_);
  }
  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "token-classification";
    card.kind = "A classifier of words fine-tuned";
    card.unit = "sentences";
    card.data_notes = tag_line(choice_.labels, scheme_);
    card.shell_example = "echo \"some text\" | llmtool predict . --input - --format text";
    card.python_example =
        "from transformers import pipeline\n\npipeline(\"token-classification\", model=\".\", "
        "aggregation_strategy=\"first\")(\"some text\")";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const TaggedExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const std::vector<TaggedSentence>& sentences = examples.sentences.file.sentences;
    const auto name = [&](std::int64_t sentence) {
      return examples.path + ":" + std::to_string(sentences[static_cast<std::size_t>(sentence)].line);
    };
    return objective_->evaluate(model, {examples.encoded, examples.targets, sentences}, options, what, events, name)
        .report;
  }

 private:
  LabelChoice choice_;
  TagScheme scheme_ = TagScheme::kIo;
  HeadPolicy policy_ = HeadPolicy::kAuto;
  std::optional<TokenClassificationObjective> objective_;  // once the data is read
};

}  // namespace

std::unique_ptr<Task> make_token_classification_task() { return std::make_unique<TokenClassificationTask>(); }

}  // namespace llmtool
