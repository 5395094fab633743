#include "llmtool/tasks/question_answering/span_search.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace llmtool {
namespace {

std::int64_t num_tokens(const AnswerWindow& window) { return static_cast<std::int64_t>(window.scores.size()) / 2; }

float start_score(const AnswerWindow& window, std::int64_t token) {
  return window.scores[static_cast<std::size_t>(2 * token)];
}

float end_score(const AnswerWindow& window, std::int64_t token) {
  return window.scores[static_cast<std::size_t>(2 * token + 1)];
}

// The first token is the one that stands for no answer: [CLS], <s>.
float null_score_of(const AnswerWindow& window) { return start_score(window, 0) + end_score(window, 0); }

using TokenScore = float (*)(const AnswerWindow&, std::int64_t);

// Best first.
std::vector<std::int64_t> best_tokens(const AnswerWindow& window, TokenScore score, std::int64_t count) {
  std::vector<std::int64_t> tokens(static_cast<std::size_t>(num_tokens(window)));
  std::iota(tokens.begin(), tokens.end(), 0);
  const auto kept = tokens.begin() + std::min<std::ptrdiff_t>(count, std::ssize(tokens));
  std::partial_sort(tokens.begin(), kept, tokens.end(), [&](std::int64_t left, std::int64_t right) {
    const float a = score(window, left);
    const float b = score(window, right);
    return a > b || (a == b && left < right);
  });
  tokens.erase(kept, tokens.end());
  return tokens;
}

class SpanSearch {
 public:
  SpanSearch(std::span<const AnswerWindow> windows, const SpanSearchOptions& options)
      : windows_(windows), options_(options) {}

  FoundAnswers run() {
    for (std::size_t window = 0; window < windows_.size(); ++window) search(window);
    const AnswerSpan null{0, 0, null_score(), 0.0, true};
    if (options_.allows_null) spans_.push_back(null);
    keep_best();
    const bool has_null = std::ranges::any_of(spans_, [](const AnswerSpan& span) { return span.end == 0; });
    if (options_.allows_null && !has_null) spans_.push_back(null);
    set_probabilities();
    return result(null.score);
  }

 private:
  void search(std::size_t window) {
    const std::vector<std::int64_t> ends = best_tokens(windows_[window], end_score, options_.n_best);
    for (const std::int64_t start : best_tokens(windows_[window], start_score, options_.n_best))
      for (const std::int64_t end : ends)
        if (is_answer(window, start, end)) add(windows_[window], start, end);
  }

  bool is_in_context(const AnswerWindow& window, std::int64_t token) const {
    return token >= window.first_token && token - window.first_token < std::ssize(window.offsets);
  }

  bool is_answer(std::size_t index, std::int64_t start, std::int64_t end) const {
    const AnswerWindow& window = windows_[index];
    return is_in_context(window, start) && is_in_context(window, end) && start <= end &&
           end - start < options_.max_answer_length && (!options_.by_max_context || has_max_context(index, start));
  }

  void add(const AnswerWindow& window, std::int64_t start, std::int64_t end) {
    const Offset& first = window.offsets[static_cast<std::size_t>(start - window.first_token)];
    const Offset& last = window.offsets[static_cast<std::size_t>(end - window.first_token)];
    spans_.push_back({first.begin, last.end, start_score(window, start) + end_score(window, end)});
  }

  // Context of a token of the whole context in a window: tokens on its poorer side, and a little for the window's
  // length, as in BERT's run_squad.py. Negative where the window does not have it.
  static double context_of(const AnswerWindow& window, std::int64_t place) {
    const std::int64_t before = place - window.first_place;
    const std::int64_t behind = std::ssize(window.offsets) - 1 - before;
    if (before < 0 || behind < 0) return -1.0;
    return static_cast<double>(std::min(before, behind)) + 0.01 * static_cast<double>(window.offsets.size());
  }

  bool has_max_context(std::size_t index, std::int64_t token) const {
    const std::int64_t place = windows_[index].first_place + token - windows_[index].first_token;
    std::size_t best = 0;
    for (std::size_t window = 1; window < windows_.size(); ++window)
      if (context_of(windows_[window], place) > context_of(windows_[best], place)) best = window;
    return best == index;
  }

  float null_score() const {
    float lowest = null_score_of(windows_.front());
    for (const AnswerWindow& window : windows_) lowest = std::min(lowest, null_score_of(window));
    return lowest;
  }

  void keep_best() {
    std::ranges::stable_sort(spans_, std::ranges::greater(), &AnswerSpan::score);
    if (std::ssize(spans_) > options_.n_best) spans_.resize(static_cast<std::size_t>(options_.n_best));
  }

  void set_probabilities() {
    double sum = 0.0;
    for (AnswerSpan& span : spans_)
      sum += span.probability = std::exp(static_cast<double>(span.score) - static_cast<double>(spans_.front().score));
    for (AnswerSpan& span : spans_) span.probability /= sum;
  }

  FoundAnswers result(float null_score) {
    FoundAnswers found{std::move(spans_), std::nullopt, null_score};
    const auto best = std::ranges::find_if(
        found.spans, [&](const AnswerSpan& span) { return !options_.allows_null || !span.is_empty(); });
    if (best != found.spans.end()) found.best = static_cast<std::size_t>(best - found.spans.begin());
    return found;
  }

  std::span<const AnswerWindow> windows_;
  const SpanSearchOptions& options_;
  std::vector<AnswerSpan> spans_;
};

}  // namespace

double FoundAnswers::null_margin() const {
  return best ? static_cast<double>(null_score) - static_cast<double>(spans[*best].score) : 0.0;
}

FoundAnswers search_answers(std::span<const AnswerWindow> windows, const SpanSearchOptions& options) {
  return SpanSearch(windows, options).run();
}

}  // namespace llmtool
