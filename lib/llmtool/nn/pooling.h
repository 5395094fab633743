#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "llmtool/nn/pooling_kind.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// [tokens, hidden] -> [sequences, hidden], differentiable. The weights of a weighted mean are the layout's positions,
// counted from 1.
at::Tensor pool_tokens(const at::Tensor& hidden, const SequenceLayout& layout, Pooling pooling);

// Packed hidden states, [tokens, hidden], with their layout.
struct PackedTokens {
  at::Tensor hidden;
  SequenceLayout layout;
};

// Those behind the first `count` tokens of each sequence, at the positions they had. Throws std::invalid_argument when
// a sequence has no more.
PackedTokens without_first_tokens(const at::Tensor& hidden, const SequenceLayout& layout, std::int64_t count);

// Every row at length 1, as torch.nn.functional.normalize: [rows, hidden] -> the same; a row of zeros stays one.
at::Tensor normalize_rows(const at::Tensor& rows);

}  // namespace llmtool
