#pragma once

#include <ATen/core/Tensor.h>

namespace llmtool {

// -log softmax(features weight^T + bias)[target] summed over rows, a scalar with gradients. features [rows, hidden],
// weight [vocab, hidden], bias [vocab] or undefined, targets int64 [rows]. Logits are made for some rows at a time and
// not kept, so memory does not grow with rows * vocab; with gradients on, those of the inputs are made in the same
// pass.
at::Tensor vocabulary_loss(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& targets);

// How a row's target was judged, without gradients.
struct VocabularyJudgement {
  at::Tensor negative_log_likelihood;  // fp32 [rows]
  at::Tensor is_top;                   // bool [rows]: no id scores higher, and of equals the target is the lowest
};
VocabularyJudgement judge_targets(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                                  const at::Tensor& targets);

}  // namespace llmtool
