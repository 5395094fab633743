#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "llmtool/tokenizer/encoding.h"

namespace llmtool {

// Which spans of a context may be answers. The defaults are those of Hugging Face's run_qa.py.
struct SpanSearchOptions {
  // Start and end tokens of a window that are combined, best first, and answers kept of a question.
  std::int64_t n_best = 20;
  std::int64_t max_answer_length = 30;  // tokens
  // Take a span only from the window in which its first token has the most context on its poorer side.
  bool by_max_context = false;
  // That there is no answer is an answer, too.
  bool allows_null = false;
};

// One window of a question's context, with what the model says of it.
struct AnswerWindow {
  std::span<const float> scores;    // [tokens, 2]: of being the start and the end of the answer
  std::span<const Offset> offsets;  // of the window's context tokens, in code points of the context
  std::int64_t first_token = 0;     // of the context within the window
  std::int64_t first_place = 0;     // of that token among the tokens of the whole context
};

// Code points [begin, end) of the context; both 0 for there being no answer.
struct AnswerSpan {
  std::int32_t begin = 0;
  std::int32_t end = 0;
  float score = 0.0F;        // of its start and of its end together
  double probability = 0.0;  // softmax over the answers that are kept
  bool is_null = false;

  // Tokens that stand for nothing in the context make such spans.
  bool is_empty() const { return begin == end; }
};

// The answers found in all windows of a question.
struct FoundAnswers {
  std::vector<AnswerSpan> spans;    // best first, equal scores in the order in which they were found
  std::optional<std::size_t> best;  // of the spans; with allows_null, of those that are not empty
  float null_score = 0.0F;          // the lowest of all windows

  // By how much no answer scores higher than the best one.
  double null_margin() const;
};

// The answers of a question as postprocess_qa_predictions of Hugging Face's run_qa.py finds them: in every window the
// n_best starts and ends are paired, and the n_best pairs of all windows are kept; with allows_null, that there is none
// is one of them in any case. There is no padding that could be among the best.
FoundAnswers search_answers(std::span<const AnswerWindow> windows, const SpanSearchOptions& options);

}  // namespace llmtool
