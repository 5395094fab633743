#pragma once

#include <filesystem>
#include <memory>
#include <utility>

#include "llmtool/inference/text_model.h"
#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/question_answering/data.h"
#include "llmtool/tasks/question_answering/objective.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Answers to questions are spans of a context that comes with each.
std::unique_ptr<Task> make_question_answering_task();

// A model that answers questions, with the windows and the rules for answers that it was trained with
// (llmtool.lock.json), else those of run_qa.py, and the null threshold of its config.json.
class QuestionAnsweringSession : public TextModel {
 public:
  // Throws as TextModel::load.
  static QuestionAnsweringSession load(const std::filesystem::path& directory, const SessionOptions& options = {});

  const QuestionWindowOptions& windows() const { return windows_; }
  // With what a command says otherwise.
  AnswerSettings answers(const GivenAnswerOptions& options) const;

 private:
  explicit QuestionAnsweringSession(TextModel loaded) : TextModel(std::move(loaded)) {}

  QuestionWindowOptions windows_;
  AnswerSettings answers_;
};

// Answers and judges a file of questions.
EvalResult evaluate_answers(const EvalRequest& request, EventSink& events);

// Answers questions (the first text) about contexts (the second).
std::unique_ptr<TextPredictor> make_answer_predictor(const PredictorOptions& options);

}  // namespace llmtool
