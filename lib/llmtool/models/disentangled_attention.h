#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>

#include "llmtool/models/deberta_v2_family.h"
#include "llmtool/nn/attention.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

// Number of the bucket of each distance, int64: small ones have one each, larger ones share them on a logarithmic scale
// up to `max_distance`. `distances`: int64 of any shape.
at::Tensor logarithmic_buckets(const at::Tensor& distances, std::int64_t num_buckets, std::int64_t max_distance);

// What all layers need of a batch's positions.
struct RelativePositions {
  at::Tensor embeddings;  // [2 * span, hidden]: of distances -span … span - 1; undefined without relative attention
  at::Tensor buckets;     // int64 [longest, longest]: of query place minus key place
};

// Self-attention whose scores are the sum of content to content, content to position and position to content (DeBERTa,
// He et al., 2021, section 3.1).
class DisentangledAttention : public torch::nn::Module {
 public:
  DisentangledAttention(const DebertaV2Config& config, at::Device device);

  // [tokens, hidden] -> context [tokens, hidden] before the output projection.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                          const RelativePositions& positions) const;

  std::shared_ptr<Linear> query;
  std::shared_ptr<Linear> key;
  std::shared_ptr<Linear> value;
  std::shared_ptr<Linear> position_key;    // null where there is no such score, or the content's projection is used
  std::shared_ptr<Linear> position_query;  // the same

 private:
  // [sequences, heads, longest, longest], added to the content's scores; undefined without relative attention.
  at::Tensor position_scores(const at::Tensor& queries, const at::Tensor& keys,
                             const RelativePositions& positions) const;
  // [2 * span, hidden] -> [heads, head_size, 2 * span]
  at::Tensor position_heads(const Linear& map, const at::Tensor& embeddings) const;
  // sqrt(head_size * number of scores that are added)
  double divisor() const;

  DebertaV2Config config_;
};

}  // namespace llmtool
