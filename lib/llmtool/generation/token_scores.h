#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

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

}  // namespace llmtool
