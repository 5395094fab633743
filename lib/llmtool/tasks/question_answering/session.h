#pragma once

#include <filesystem>
#include <utility>

#include "llmtool/inference/text_model.h"
#include "llmtool/tasks/question_answering/features.h"
#include "llmtool/tasks/question_answering/objective.h"

namespace llmtool {

// A model that answers questions, with the windows and the rules for answers that it was trained with
// (llmtool.lock.json), else those of run_qa.py, and the null threshold of its config.json.
class QuestionAnsweringSession : public TextModel {
 public:
  // Throws as TextModel::load.
  static QuestionAnsweringSession load(const std::filesystem::path& directory, const SessionOptions& options = {});

  const QuestionWindowOptions& windows() const { return windows_; }
  const AnswerSettings& answers() const { return answers_; }

 private:
  explicit QuestionAnsweringSession(TextModel loaded) : TextModel(std::move(loaded)) {}

  QuestionWindowOptions windows_;
  AnswerSettings answers_;
};

// Those of a session with what a command says otherwise.
AnswerSettings settings_for(const GivenAnswerOptions& options, AnswerSettings settings);

}  // namespace llmtool
