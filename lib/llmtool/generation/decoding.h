#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/nn/key_value_cache.h"

namespace llmtool {

// Changes of the next token's scores, fp32 [vocab] each, as transformers' generation/logits_process.py defines them.
// What is not to be drawn gets minus infinity.

// Scores of the ids in `text` are divided by `penalty` when positive and multiplied by it when negative, each once.
at::Tensor penalize_repetition(const at::Tensor& scores, const std::vector<std::int64_t>& text, double penalty);

// Keeps the `count` highest scores, and all that equal the last of them.
at::Tensor keep_top_k(const at::Tensor& scores, std::int64_t count);

// Keeps the fewest highest scores whose probabilities sum to `share` or more, at least one.
at::Tensor keep_top_p(const at::Tensor& scores, double share);

// The id whose interval of cumulated probability holds `place` in [0, 1).
std::int64_t draw_token(const at::Tensor& scores, double place);

// Feeds texts to a causal model piece by piece; only new tokens are computed.
class IncrementalDecoder {
 public:
  explicit IncrementalDecoder(const Model& model) : model_(model) {}

  // Adds tokens to every text, at least one each; the first call makes the texts. Returns the fp32 scores of the token
  // that follows each, [texts, vocab] on the CPU. Throws NonFiniteError when one of them is not finite.
  at::Tensor append(const std::vector<std::vector<std::int64_t>>& new_ids);
  // The same for one token each.
  at::Tensor append(const std::vector<std::int64_t>& new_ids);
  // Continues with these of the texts, in this order; one may come several times.
  void select(const std::vector<std::int64_t>& texts) { cache_.select(texts); }

 private:
  const Model& model_;
  KeyValueCache cache_;
};

}  // namespace llmtool
