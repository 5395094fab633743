#include "llmtool/tasks/language_modeling/task.h"

#include <optional>
#include <string>
#include <utility>

#include "llmtool/tasks/language_modeling/data.h"
#include "llmtool/tasks/language_modeling/objective.h"

namespace llmtool {
namespace {

class LanguageModelTask : public TaskOf<LanguageModelExamples> {
 public:
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& /*model_config*/,
                 std::int64_t num_threads, EventSink& events) override {
    is_causal_ = config.task == TaskKind::kCausalLm;
    has_pairs_ = config.training.task.masked_lm.sentence_pairs != SentenceObjective::kNone;
    objective_.emplace(make_target_rule(config, tokenizer), is_causal_, has_pairs_);
    if (!is_causal_) mask_token_ = tokenizer.tokenizer.token(*tokenizer.tokenizer.mask_id());
    data_ = read_language_model_data(config, tokenizer, num_threads, events);
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    const auto examples = objective_->make_examples(*data_.training.sequences, micro_batch.examples, micro_batch.epoch);
    return std::make_unique<LanguageModelBatch>(objective_->make_batch(examples, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    return objective_->loss(model, static_cast<const LanguageModelBatch&>(batch));
  }

  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = is_causal_ ? "text-generation" : "fill-mask";
    card.kind = is_causal_ ? "A causal language model trained" : "A masked language model trained";
    card.unit = "documents";
    card.shell_example = "llmtool eval . --data more_text.txt";
    card.python_example = "from transformers import pipeline\n\npipeline(\"" + card.pipeline_tag +
                          "\", model=\".\")(\"" + (is_causal_ ? "Once" : "Once upon a " + mask_token_ + ".") + "\")";
    return card;
  }
  bool needs_token_types() const override { return has_pairs_; }

 protected:
  MetricReport evaluate(Model& model, const LanguageModelExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    return objective_->evaluate(model, *examples.sequences, examples.text, options, what, events).report;
  }

 private:
  bool is_causal_ = false;
  bool has_pairs_ = false;
  std::string mask_token_;                           // of a masked model
  std::optional<LanguageModelObjective> objective_;  // once the data is read
};

}  // namespace

std::unique_ptr<Task> make_language_model_task() { return std::make_unique<LanguageModelTask>(); }

}  // namespace llmtool
