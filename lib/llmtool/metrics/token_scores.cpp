#include "llmtool/metrics/token_scores.h"

#include <cmath>
#include <numbers>

namespace llmtool {
namespace {

constexpr const char* kNothingPredicted = "there are no predicted tokens";

MetricValue exp_of(double mean) {
  const double result = std::exp(mean);
  if (!std::isfinite(result)) return MetricValue::undefined("exp(mean loss) is too large for a double");
  return MetricValue::of(result);
}

}  // namespace

void TokenScores::add(std::int64_t token, double negative_log_likelihood, bool is_top) {
  negative_log_likelihood_.add(negative_log_likelihood, 1.0);
  ++num_tokens_;
  num_right_ += is_top;
  ++counts_[token];
}

void TokenScores::merge(const TokenScores& other) {
  negative_log_likelihood_.merge(other.negative_log_likelihood_);
  num_tokens_ += other.num_tokens_;
  num_right_ += other.num_right_;
  for (const auto& [token, count] : other.counts_) counts_[token] += count;
}

MetricValue perplexity(const LanguageModelScores& scores) {
  const MetricValue mean = mean_loss(scores.tokens.negative_log_likelihood());
  return mean.value ? exp_of(*mean.value) : MetricValue::undefined(kNothingPredicted);
}

MetricValue token_accuracy(const LanguageModelScores& scores) {
  if (scores.tokens.num_tokens() == 0) return MetricValue::undefined(kNothingPredicted);
  return MetricValue::of(static_cast<double>(scores.tokens.num_right()) /
                         static_cast<double>(scores.tokens.num_tokens()));
}

MetricValue bits_per_byte(const LanguageModelScores& scores) {
  const MetricValue mean = mean_loss(scores.tokens.negative_log_likelihood());
  if (!mean.value) return MetricValue::undefined(kNothingPredicted);
  if (scores.num_bytes == 0) return MetricValue::undefined("only a sample of the tokens was predicted");
  return MetricValue::of(*mean.value / std::numbers::ln2 * static_cast<double>(scores.num_text_tokens) /
                         static_cast<double>(scores.num_bytes));
}

MetricValue unigram_perplexity(const LanguageModelScores& scores) {
  if (scores.tokens.num_tokens() == 0) return MetricValue::undefined(kNothingPredicted);
  const auto& predicted = scores.tokens.counts();
  const auto& text = scores.text_counts.empty() ? predicted : scores.text_counts;
  std::int64_t num_text_tokens = 0;
  for (const auto& [token, count] : text) num_text_tokens += count;
  ExactSum cross_entropy;
  for (const auto& [token, count] : predicted) {
    const double share = static_cast<double>(count) / static_cast<double>(scores.tokens.num_tokens());
    cross_entropy.add(-share * std::log(static_cast<double>(text.at(token)) / static_cast<double>(num_text_tokens)));
  }
  return exp_of(cross_entropy.value());
}

MetricValue pair_accuracy(const LanguageModelScores& scores) {
  if (scores.pair_loss.denominator() == 0.0) return MetricValue::undefined("there are no sentence pairs");
  return MetricValue::of(static_cast<double>(scores.num_right_pairs) / scores.pair_loss.denominator());
}

}  // namespace llmtool
