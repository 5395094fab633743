#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/nn/key_value_cache.h"

namespace llmtool {

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
