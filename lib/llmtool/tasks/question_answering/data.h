#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/questions.h"
#include "llmtool/tasks/task.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// Column of the tokens of a window at which the answer starts and ends, int64 [2].
inline constexpr std::string_view kAnswerTokens = "answer_tokens";

// The length of windows that neither a config nor a model says, as in Hugging Face's run_qa.py; shorter where the model
// reads less. Neighbouring windows share a third of it then (WindowOptions::from), which are its 128 tokens of 384.
inline constexpr std::int64_t kUsualWindowLength = 384;

// How a question and its context are cut into windows, everything resolved: max_length includes the question, and
// stride counts tokens of the context.
struct QuestionWindowOptions : WindowOptions {
  std::optional<std::int64_t> max_question_length = {};
};

// A window of a context behind its question.
struct ContextWindow {
  Encoding encoding;
  std::int64_t first_token = 0;  // of the context in the window
  std::int64_t num_tokens = 0;   // of the context; none of a context that the tokenizer drops
  std::int64_t first_place = 0;  // of its first token among those of the whole context
};

struct QuestionWindows {
  std::vector<ContextWindow> windows;  // at least one
  bool is_question_cut = false;
};

// As Hugging Face's run_qa.py: the question, without white space before it, is the first text of every window. Where
// stride leaves no room to move on, windows share half of what fits. Throws DataError when the question leaves no room
// for the context, and as Tokenizer::encode() and EmbeddingLimits::apply().
QuestionWindows encode_question(const Tokenizer& tokenizer, std::string_view question, std::string_view context,
                                const QuestionWindowOptions& settings, const EmbeddingLimits& limits);

// Tokens of a window at which an answer starts and ends; both 0, the token that stands for no answer, where the answer
// is not wholly inside the window. An answer that begins or ends within a token has that token. (run_qa.py runs past an
// answer that begins in the window's last token; here that token is its start.)
struct AnswerTokens {
  std::int64_t start = 0;
  std::int64_t end = 0;
};
AnswerTokens answer_tokens(const ContextWindow& window, std::int64_t begin_character, std::int64_t end_character);

// The windows of questions as features for a model; the example of a feature is its question. A question's first answer
// is what is learned.
struct QuestionFeatures {
  EncodedDataset dataset;                    // input_ids, token_type_ids, answer_tokens
  RaggedColumn<Offset> offsets;              // of the context's tokens, a row a feature
  std::vector<std::int64_t> first_tokens;    // [features], see ContextWindow
  std::vector<std::int64_t> first_places;    // [features]
  std::vector<std::int64_t> first_features;  // [questions + 1]: question q has features q … q + 1 of these
  std::vector<bool> are_cut;                 // [questions]: the question, to max_question_length
  std::int64_t num_tokens = 0;               // special tokens included
  std::int64_t num_cut_questions = 0;
  std::int64_t num_answers_in_no_window = 0;  // answers longer than a window, or cut by each

  // Tokens of all windows of a question.
  std::int64_t num_tokens_of(std::int64_t question) const;
};

// On `num_threads` threads; the result does not depend on their number. `what` names the progress. Throws DataError
// naming file, line and id of the question.
QuestionFeatures encode_questions(const QuestionFile& file, const Tokenizer& tokenizer,
                                  const QuestionWindowOptions& settings, const EmbeddingLimits& limits,
                                  std::int64_t num_threads, const std::string& what, EventSink& events);

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

// Throws DataError.
DataParts<QuestionExamples> read_question_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                               std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
