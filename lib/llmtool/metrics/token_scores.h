#pragma once

#include <cstdint>
#include <unordered_map>

#include "llmtool/metrics/report.h"

namespace llmtool {

// How well tokens were predicted. Mergeable; nothing in it depends on batches, order or merging.
class TokenScores {
 public:
  // A token that had to be predicted: its id, the negative log-likelihood it was given (nats), and whether it was the
  // likeliest. Throws NonFiniteError for NaN and infinity.
  void add(std::int64_t token, double negative_log_likelihood, bool is_top);
  void merge(const TokenScores& other);

  std::int64_t num_tokens() const { return num_tokens_; }
  std::int64_t num_right() const { return num_right_; }
  const LossSum& negative_log_likelihood() const { return negative_log_likelihood_; }
  // How often each token had to be predicted.
  const std::unordered_map<std::int64_t, std::int64_t>& counts() const { return counts_; }

 private:
  LossSum negative_log_likelihood_;
  std::int64_t num_tokens_ = 0;
  std::int64_t num_right_ = 0;
  std::unordered_map<std::int64_t, std::int64_t> counts_;
};

// What the evaluation of a language model yields.
struct LanguageModelScores {
  TokenScores tokens;
  // Tokens that the whole text takes, ends of text included; 0 when only a sample of them was predicted.
  std::int64_t num_text_tokens = 0;
  std::int64_t num_bytes = 0;  // of the text
  // How often each token occurs in the text; empty: as often as it was predicted.
  std::unordered_map<std::int64_t, std::int64_t> text_counts;
  LossSum pair_loss;  // of sentence pairs; empty without that objective
  std::int64_t num_right_pairs = 0;
};

// exp(total negative log-likelihood / predicted tokens).
MetricValue perplexity(const LanguageModelScores& scores);
// Share of predicted tokens that were the likeliest.
MetricValue token_accuracy(const LanguageModelScores& scores);
// Negative log-likelihood of the whole text in bits over its bytes, at the mean of the predicted tokens: comparable
// between tokenizers.
MetricValue bits_per_byte(const LanguageModelScores& scores);
// Perplexity of the best prediction without any context: that by the frequencies of the text's tokens.
MetricValue unigram_perplexity(const LanguageModelScores& scores);
// Share of sentence pairs judged right.
MetricValue pair_accuracy(const LanguageModelScores& scores);

}  // namespace llmtool
