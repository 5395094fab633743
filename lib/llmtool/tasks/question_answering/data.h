#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/data/questions.h"
#include "llmtool/tasks/question_answering/objective.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Questions of one part of the data, an example a window. Of training questions the texts are not kept.
struct QuestionExamples : Examples {
  std::int64_t size() const override { return features.dataset.num_features(); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe(std::int64_t example) const override;
  std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const override;
  // Questions that were cut; of contexts nothing is, they are read in windows.
  std::int64_t num_truncated() const override { return features.num_cut_questions; }
  std::int64_t num_units() const override { return std::ssize(file.questions); }
  // Questions, windows, those without an answer, and what a user should know of the rest.
  void log(EventSink& events) const override;

  QuestionFile file;
  QuestionFeatures features;
  QuestionWindowOptions settings;
};

// The columns of a run's data.
QuestionColumns question_columns(const RunConfig& config);

// As the config has them, without a null threshold that it leaves open.
AnswerSettings answer_settings(const RunConfig& config, bool allows_null);

// Throws DataError.
DataParts<QuestionExamples> read_question_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                               std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
