#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/data/embedding_limits.h"
#include "llmtool/inference/session_options.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/question_answering/features.h"
#include "llmtool/tasks/question_answering/objective.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// A model that answers questions, loaded from a folder, ours or Hugging Face's: with the windows and the rules for
// answers that it was trained with (llmtool.lock.json), else those of run_qa.py, and the null threshold of its
// config.json. Immutable: const members may be called from several threads at once.
class QuestionAnsweringSession {
 public:
  // Throws ModelError: a file is missing or damaged, the model has no head for question answering, max_length is beyond
  // its positions.
  static QuestionAnsweringSession load(const std::filesystem::path& directory, const SessionOptions& options = {});

  const Tokenizer& tokenizer() const { return tokenizer_; }
  const EmbeddingLimits& limits() const { return limits_; }
  const WindowSettings& windows() const { return windows_; }
  // Where the length of the windows was found, for the log.
  const std::string& max_length_source() const { return max_length_source_; }
  const AnswerSettings& answers() const { return answers_; }
  // What to tell when the model is loaded, a line each.
  std::vector<std::string> warnings() const { return limits_.warnings(tokenizer_); }
  const ScoringOptions& scoring_options() const { return scoring_; }
  // In evaluation mode on the session's device.
  const std::shared_ptr<Model>& model() const { return model_; }

 private:
  QuestionAnsweringSession(std::shared_ptr<Model> model, Tokenizer tokenizer);

  std::shared_ptr<Model> model_;
  Tokenizer tokenizer_;
  WindowSettings windows_;
  std::string max_length_source_;
  AnswerSettings answers_;
  EmbeddingLimits limits_;
  ScoringOptions scoring_;
};

// Those of a session with what a command says otherwise.
AnswerSettings settings_for(const GivenAnswerOptions& options, AnswerSettings settings);

}  // namespace llmtool
