#include "llmtool/models/disentangled_attention.h"

#include <ATen/Functions.h>

#include <cmath>

#include "llmtool/nn/padded_attention.h"

namespace llmtool {

// make_log_bucket_position of transformers, in its fp32 arithmetic, because a rounding decides a bucket.
at::Tensor logarithmic_buckets(const at::Tensor& distances, std::int64_t num_buckets, std::int64_t max_distance) {
  const std::int64_t middle = num_buckets / 2;
  const at::Tensor magnitudes = at::where((distances < middle).logical_and(distances > -middle),
                                          at::full_like(distances, middle - 1), distances.abs());
  const double reach = static_cast<double>(max_distance - 1) / static_cast<double>(middle);
  const at::Tensor whole = at::full({}, reach, distances.options().dtype(at::kFloat)).log();
  const at::Tensor shares = (magnitudes / middle).log() / whole;  // of the logarithmic part
  const at::Tensor logarithmic = (shares * (middle - 1)).ceil() + middle;
  return at::where(magnitudes <= middle, distances.to(at::kFloat), logarithmic * distances.sign()).to(at::kLong);
}

DisentangledAttention::DisentangledAttention(const DebertaV2Config& config, at::Device device) : config_(config) {
  const auto linear = [&](const char* name) {
    return register_module(name, std::make_shared<Linear>(config.hidden_size, config.hidden_size, device));
  };
  query = linear("query");
  key = linear("key");
  value = linear("value");
  if (!config.relative_attention || config.share_att_key) return;
  if (config.content_to_position) position_key = linear("position_key");
  if (config.position_to_content) position_query = linear("position_query");
}

double DisentangledAttention::divisor() const {
  const std::int64_t num_scores = 1 + (config_.content_to_position ? 1 : 0) + (config_.position_to_content ? 1 : 0);
  const std::int64_t head_size = config_.hidden_size / config_.num_attention_heads;
  return std::sqrt(static_cast<double>(head_size * num_scores));
}

at::Tensor DisentangledAttention::position_heads(const Linear& map, const at::Tensor& embeddings) const {
  const at::Tensor rows = map.forward(embeddings);
  return rows.view({rows.size(0), config_.num_attention_heads, -1}).permute({1, 2, 0});
}

at::Tensor DisentangledAttention::position_scores(const at::Tensor& queries, const at::Tensor& keys,
                                                  const RelativePositions& positions) const {
  const std::int64_t span = config_.position_span();
  const at::Tensor embeddings = at::dropout(positions.embeddings, config_.hidden_dropout_prob, is_training());
  // Picks from scores against every position those of the pairs' distances. [sequences, heads, longest, longest]
  const auto pick = [&](const at::Tensor& scores, const at::Tensor& buckets) {
    const at::Tensor rows = (buckets + span).clamp(0, 2 * span - 1);
    return scores.gather(-1, rows.expand({scores.size(0), scores.size(1), -1, -1}));
  };
  at::Tensor sum;
  if (config_.content_to_position) {
    const at::Tensor heads = position_heads(position_key ? *position_key : *key, embeddings);
    sum = pick(at::matmul(queries, heads), positions.buckets);
  }
  if (config_.position_to_content) {
    const at::Tensor heads = position_heads(position_query ? *position_query : *query, embeddings);
    const at::Tensor scores = pick(at::matmul(keys, heads), -positions.buckets).transpose(-1, -2);
    sum = sum.defined() ? sum + scores : scores;
  }
  return sum.defined() ? sum / divisor() : sum;
}

AttentionResult DisentangledAttention::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                               const RelativePositions& positions) const {
  const auto heads_of = [&](const Linear& map) {
    return pad_heads(map.forward(hidden_states), layout, config_.num_attention_heads);
  };
  PaddedHeads heads{heads_of(*query), heads_of(*key), heads_of(*value)};
  if (!layout.is_uniform()) heads.hidden = layout.padding_mask().unsqueeze(1).unsqueeze(1);
  if (positions.embeddings.defined()) heads.bias = position_scores(heads.queries, heads.keys, positions);
  heads.divisor = divisor();
  return padded_attention(heads, layout, is_training() ? config_.attention_probs_dropout_prob : 0.0);
}

}  // namespace llmtool
