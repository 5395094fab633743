#include "llmtool/tasks/question_answering/options.h"

#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

void check_question_answering(const RunConfig& config, FieldErrors& errors) {
  if (config.data.text.size() != 2 && config.data.text != DataOptions().text)
    errors.add("data.text", "question answering reads two columns: that of the question, then that of the context");
  if (config.data.format == FileFormat::kText)
    errors.add("data.format", "plain text has no questions; use squad, jsonl, csv or tsv");
  const auto& length = config.tokenizer.max_length;
  const auto& stride = config.tokenizer.stride;
  if (length && stride && *stride >= *length)
    errors.add("tokenizer.stride",
               "windows of " + std::to_string(*length) + " tokens (tokenizer.max_length) share fewer tokens than that");
}

}  // namespace

TaskRow question_answering_row() {
  return {
      .kind = TaskKind::kQuestionAnswering,
      .verb = TrainingVerb::kFinetune,
      .model_noun = "model that answers questions",
      .default_metric = "answer_f1",
      .most_texts = 2,
      .takes_several_files = true,
      .text_columns = {"question", "context"},
      .label_columns = {"answers"},
      .heads = {HeadKind::kQuestionAnswering},
      .fields = {"tokenizer.stride", "data.label", "data.max_rows", "data.max_question_length", "evaluation.n_best",
                 "evaluation.max_answer_length", "evaluation.by_max_context", "evaluation.null_threshold",
                 "evaluation.answer_rules"},
      .eval_options = {"--label-column", "--max-rows", "--predictions", "--null-threshold", "a second --text-column"},
      .predict_options = {"null_threshold"},
      .head = [](const RunConfig&) { return HeadKind::kQuestionAnswering; },
      .records =
          [](const RunConfig&) {
            return std::vector{RecordKind::kLoss, RecordKind::kAnswerScores, RecordKind::kNullAnswerScores};
          },
      .check = check_question_answering};
}

}  // namespace llmtool
