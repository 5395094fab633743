#pragma once

#include <ATen/core/Tensor.h>

#include "llmtool/nn/pooling_kind.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// [tokens, hidden] -> [sequences, hidden], differentiable.
at::Tensor pool_tokens(const at::Tensor& hidden, const SequenceLayout& layout, Pooling pooling);

// Every row at length 1, as torch.nn.functional.normalize: [rows, hidden] -> the same; a row of zeros stays one.
at::Tensor normalize_rows(const at::Tensor& rows);

}  // namespace llmtool
