#include "llmtool/tasks/question_answering/task.h"

#include <algorithm>
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "llmtool/core/json.h"
#include "llmtool/tasks/question_answering/data.h"
#include "llmtool/tasks/question_answering/objective.h"

namespace llmtool {
namespace {

std::string in_digits(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

class QuestionAnsweringTask : public TaskOf<QuestionExamples> {
 public:
  void fit(RunConfig& config, RunTokenizer& tokenizer, const ModelDimensions& dimensions) override {
    std::optional<std::int64_t>& max_length = config.tokenizer.max_length;
    if (!max_length)
      max_length = std::min({kUsualWindowLength, dimensions.num_positions,
                             tokenizer.tokenizer.model_max_length().value_or(dimensions.num_positions)});
    config.tokenizer.stride = WindowOptions::from(config.tokenizer).stride;
  }
  void read_data(const RunConfig& config, const RunTokenizer& tokenizer, const Json& /*model_config*/,
                 std::int64_t num_threads, EventSink& events) override {
    data_ = read_question_data(config, tokenizer, num_threads, events);
    const bool allows_null =
        data_.training.file.num_unanswerable > 0 || config.evaluation.task.question_answering.null_threshold;
    settings_ = answer_settings(config, allows_null);
    if (allows_null && !settings_.null_threshold && !data_.validation) settings_.null_threshold = 0.0;
  }

  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch, c10::Device device) const override {
    return std::make_unique<QuestionBatch>(
        make_question_batch(data_.training.features.dataset, micro_batch.examples, device));
  }
  std::vector<LossTerm> loss(const Model& model, const Batch& batch) const override {
    found_threshold_.reset();
    return question_loss(model, static_cast<const QuestionBatch&>(batch));
  }

  void conclude(Model& model, const ScoringOptions& options) const override {
    if (!settings_.search.allows_null) return model.remove_config(kNullThresholdKey);
    model.set_config(kNullThresholdKey, null_threshold(model, options));
  }
  TaskCard card() const override {
    TaskCard card;
    card.pipeline_tag = "question-answering";
    card.kind = "A model that answers questions by spans of a text, fine-tuned";
    card.unit = "questions";
    card.data_notes = "exact_match and answer_f1 are those of SQuAD's scripts, as shares instead of percents.";
    if (const auto threshold = settings_.null_threshold ? settings_.null_threshold : found_threshold_)
      card.data_notes += " That there is no answer is said where it scores by more than " + in_digits(*threshold) +
                         " higher than the best answer (`" + kNullThresholdKey + "` of config.json).";
    card.shell_example =
        "echo '{\"question\": \"Where?\", \"context\": \"In a hole in the ground.\"}' | llmtool predict . --input - "
        "--format jsonl";
    card.python_example =
        "from transformers import AutoModelForQuestionAnswering, AutoTokenizer\n\n"
        "tokenizer = AutoTokenizer.from_pretrained(\".\")\n"
        "inputs = tokenizer(\"Where?\", \"In a hole in the ground.\", return_tensors=\"pt\")\n"
        "output = AutoModelForQuestionAnswering.from_pretrained(\".\")(**inputs)\n"
        "start, end = output.start_logits.argmax(), output.end_logits.argmax()\n"
        "tokenizer.decode(inputs.input_ids[0, start : end + 1])";
    return card;
  }

 protected:
  MetricReport evaluate(Model& model, const QuestionExamples& examples, const ScoringOptions& options,
                        const std::string& what, EventSink& events) const override {
    const bool is_validation = &examples == data_.find(DataPart::kValidation);
    AnswerSettings settings = settings_;
    if (settings.search.allows_null && !is_validation) settings.null_threshold = null_threshold(model, options);
    QuestionEvaluation evaluation =
        evaluate_questions(model, examples.file, examples.features, settings, options, what, events);
    if (is_validation) found_threshold_ = evaluation.null_threshold;
    return std::move(evaluation.report);
  }

 private:
  // That of the config, else the one that is best for the validation data with the model's present weights.
  double null_threshold(Model& model, const ScoringOptions& options) const {
    if (settings_.null_threshold) return *settings_.null_threshold;
    if (!found_threshold_) evaluate(model, *data_.validation, options, "finding the null threshold", silent_events());
    return found_threshold_.value();
  }

  AnswerSettings settings_;
  // Found on the validation data with the model's present weights; it goes when these are trained on.
  mutable std::optional<double> found_threshold_;
};

}  // namespace

std::unique_ptr<Task> make_question_answering_task() { return std::make_unique<QuestionAnsweringTask>(); }

}  // namespace llmtool
