#include "llmtool/tasks/question_answering/task.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/row_writer.h"
#include "llmtool/tasks/run_record.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {
namespace {

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
    settings_ = AnswerSettings::from(config.evaluation.task.question_answering, allows_null);
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
      card.data_notes += " That there is no answer is said where it scores by more than " + short_number(*threshold) +
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

namespace {

// Answers longer than a window, or questions that are cut, in fewer than this share are usual.
constexpr double kNotableShare = 0.05;

QuestionColumns asked_columns(const EvalRequest& request) {
  const ColumnChoice choice = resolve_columns(request.columns, request.model);
  if (choice.text.size() != 2)
    throw UsageError(
        "questions have two columns of texts: name that of the question and that of the context, in this "
        "order, with --text-column");
  QuestionColumns columns;
  columns.format = request.format;
  columns.header = *choice.header;
  columns.question = choice.text[0];
  columns.context = choice.text[1];
  columns.answers = choice.label.front();
  columns.max_rows = request.max_rows;
  columns.layout = request.layout;
  return columns;
}

std::unique_ptr<RowWriter> create_answer_rows(const std::string& path) {
  WriteOptions options;
  options.columns = {"row",   "line", "id",          "gold",        "predicted", "score",
                     "start", "end",  "null_margin", "exact_match", "f1"};
  return create_rows(path, options);
}

RowValues answer_row(const Question& question, const GivenAnswer& answer, const QuestionEvaluation& evaluation) {
  Json gold = Json::array();
  for (const AnswerText& right : question.answers) gold.push_back(right.text);
  const AnswerSpan* span = given_answer(answer.found, evaluation.null_threshold.value_or(0.0));
  const bool is_given = span != nullptr && !span->is_null;
  const AnswerAgreement& agreement = span != nullptr && span->is_null ? answer.judged.none : answer.judged.answer;
  return {{"row", question.row},
          {"line", question.line == 0 ? Json() : Json(question.line)},
          {"id", question.id},
          {"gold", gold},
          {"predicted", is_given ? answer.text : ""},
          {"score", span == nullptr ? Json() : Json(span->probability)},
          {"start", is_given ? Json(span->begin) : Json()},
          {"end", is_given ? Json(span->end) : Json()},
          {"null_margin", evaluation.null_threshold && answer.found.best ? Json(answer.found.null_margin()) : Json()},
          {"exact_match", agreement.exact},
          {"f1", agreement.f1}};
}

void write_answers(RowWriter& writer, const QuestionFile& file, const QuestionEvaluation& evaluation) {
  for (std::size_t i = 0; i < file.questions.size(); ++i)
    writer.write(answer_row(file.questions[i], evaluation.answers[i], evaluation));
  writer.commit();
}

std::string percent_of(std::int64_t part, std::int64_t whole) {
  return percent(static_cast<double>(part) / static_cast<double>(whole));
}

std::vector<std::string> doubts_of(const QuestionFile& file, const QuestionFeatures& features,
                                   const QuestionWindowOptions& windows, const AnswerSettings& answers) {
  const std::int64_t num_questions = std::ssize(file.questions);
  std::vector<std::string> doubts;
  const auto is_notable = [&](std::int64_t count) {
    return static_cast<double>(count) > kNotableShare * static_cast<double>(num_questions);
  };
  if (is_notable(features.num_cut_questions))
    doubts.push_back(percent_of(features.num_cut_questions, num_questions) + " of the questions were cut to " +
                     std::to_string(windows.max_question_length.value_or(0)) + " tokens");
  if (is_notable(features.num_answers_in_no_window))
    doubts.push_back(percent_of(features.num_answers_in_no_window, num_questions) +
                     " of the answers are wholly in no window of " + std::to_string(windows.max_length) + " tokens");
  if (file.num_unanswerable > 0 && !answers.search.allows_null)
    doubts.push_back(percent_of(file.num_unanswerable, num_questions) +
                     " of the questions have no answer, but the model was trained without such questions and always "
                     "answers");
  return doubts;
}

}  // namespace

EvalResult evaluate_answers(const EvalRequest& request, EventSink& events) {
  const QuestionAnsweringSession session = QuestionAnsweringSession::load(request.model, request.session);
  for (const std::string& warning : session.warnings()) events.warning(warning);
  const QuestionWindowOptions& windows = session.windows();
  const AnswerSettings answers = session.answers(request.task.question_answering);
  events.info("contexts are read in windows of " + std::to_string(windows.max_length) + " tokens (" +
              session.max_length_source() + ") that share " + std::to_string(windows.stride));
  const QuestionFile file = read_questions(request.data, asked_columns(request));
  // Opened before the long work, so that a folder that cannot be written is known at once.
  std::unique_ptr<RowWriter> predictions;
  if (!request.predictions.empty()) predictions = create_answer_rows(request.predictions);

  const auto start = std::chrono::steady_clock::now();
  const QuestionFeatures features =
      encode_questions(file, session.tokenizer(), windows, session.limits(), request.num_threads, "tokenizing", events);
  const QuestionEvaluation evaluation =
      evaluate_questions(*session.model(), file, features, answers, session.scoring_options(), "evaluating", events);
  if (predictions) write_answers(*predictions, file, evaluation);
  EvalResult result;
  result.report = evaluation.report;
  result.warnings = doubts_of(file, features, windows, answers);
  result.counts = {{"num_windows", features.dataset.num_features()},
                   {"num_truncated", features.num_cut_questions},
                   {"num_answers_in_no_window", features.num_answers_in_no_window},
                   {"num_empty_texts", file.num_empty_texts},
                   {"num_tokens", features.num_tokens},
                   {"max_length", windows.max_length},
                   {"stride", windows.stride},
                   {"computed_in", enum_name(request.session.precision)},
                   {"seconds", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count()},
                   {"warnings", result.warnings}};
  result.summary = request.data + ": " + std::to_string(file.questions.size()) + " questions (" +
                   std::to_string(file.num_unanswerable) + " without an answer) in " +
                   std::to_string(features.dataset.num_features()) + " windows, " +
                   computed_in(request.session.precision);
  return result;
}

}  // namespace llmtool
