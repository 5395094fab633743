#include "llmtool/kernels/vocabulary_loss.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>
#include <stdexcept>

namespace llmtool {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Logits held at once: large enough for an efficient matrix product and few sums of weight gradients, small beside a
// model.
constexpr std::int64_t kMostLogits = std::int64_t{16} << 20;

// Parts of nearly the same size: a short last one would cost as much memory traffic as the others.
std::int64_t rows_at_once(std::int64_t num_rows, std::int64_t num_tokens) {
  const std::int64_t most = std::max<std::int64_t>(kMostLogits / num_tokens, 16);
  const std::int64_t parts = std::max<std::int64_t>((num_rows + most - 1) / most, 1);
  return (num_rows + parts - 1) / parts;
}

at::Tensor logits_of(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias) {
  return bias.defined() ? at::addmm(bias, features, weight.t()) : at::mm(features, weight.t());
}

// Calls visit(first row, number of rows, logits, log of their normaliser [rows, 1], targets [rows, 1]) part by part.
template <class Visit>
void for_each_part(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                   const at::Tensor& targets, const Visit& visit) {
  const std::int64_t part = rows_at_once(features.size(0), weight.size(0));
  for (std::int64_t first = 0; first < features.size(0); first += part) {
    const std::int64_t rows = std::min(part, features.size(0) - first);
    const at::Tensor logits = logits_of(features.narrow(0, first, rows), weight, bias);
    visit(first, rows, logits, at::logsumexp(logits, 1, /*keepdim=*/true), targets.narrow(0, first, rows).unsqueeze(1));
  }
}

// d loss / d logits = softmax(logits) - one_hot(target), written over the logits.
at::Tensor into_gradient(at::Tensor logits, const at::Tensor& normaliser, const at::Tensor& targets) {
  logits.sub_(normaliser).exp_();
  return logits.scatter_add_(1, targets, at::full_like(targets, -1, logits.options()));
}

// bool [rows]: the target's logit is the largest; of equal ones the lowest id is. Finding the place of a maximum is
// many times slower than its value: only rows that reach it are searched.
at::Tensor is_likeliest(const at::Tensor& logits, const at::Tensor& targets) {
  at::Tensor reaches = logits.gather(1, targets).ge(logits.amax(1, /*keepdim=*/true)).squeeze(1);
  const at::Tensor rows = reaches.nonzero().squeeze(1);
  if (rows.numel() > 0)
    reaches.index_put_({rows}, logits.index_select(0, rows).argmax(1).eq(targets.index_select(0, rows).squeeze(1)));
  return reaches;
}

struct VocabularyLoss : public torch::autograd::Function<VocabularyLoss> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& features, const at::Tensor& weight,
                            const std::optional<at::Tensor>& optional_bias, const at::Tensor& targets,
                            bool with_gradients) {
    const at::Tensor bias = optional_bias.value_or(at::Tensor());
    at::Tensor feature_gradient = with_gradients ? at::empty_like(features) : at::Tensor();
    at::Tensor weight_gradient = with_gradients ? at::empty_like(weight) : at::Tensor();
    if (with_gradients && features.size(0) == 0) weight_gradient.zero_();
    at::Tensor bias_gradient = with_gradients && bias.defined() ? at::zeros_like(bias) : at::Tensor();
    at::Tensor sum = at::zeros({}, features.options().dtype(at::kDouble).requires_grad(false));
    for_each_part(features, weight, bias, targets,
                  [&](std::int64_t first, std::int64_t rows, const at::Tensor& logits, const at::Tensor& normaliser,
                      const at::Tensor& part_targets) {
                    sum += (normaliser - logits.gather(1, part_targets)).sum(at::kDouble);
                    if (!with_gradients) return;
                    const at::Tensor gradient = into_gradient(logits, normaliser, part_targets);
                    at::Tensor feature_part = feature_gradient.narrow(0, first, rows);
                    at::mm_out(feature_part, gradient, weight);
                    // The first part writes: 0 times what stands there is left out.
                    weight_gradient.addmm_(gradient.t(), features.narrow(0, first, rows), first > 0 ? 1 : 0);
                    if (bias.defined()) bias_gradient += gradient.sum(0);
                  });
    context->save_for_backward({feature_gradient, weight_gradient, bias_gradient});
    return sum.to(at::kFloat);
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    // In place, for the weight's gradient is large; a second time it would be scaled twice.
    if (context->saved_data.count("is_scaled") > 0) throw std::logic_error("the vocabulary loss has one backward pass");
    context->saved_data["is_scaled"] = true;
    variable_list result = context->get_saved_variables();
    for (at::Tensor& gradient : result)
      if (gradient.defined()) gradient.mul_(gradients[0]);
    result.resize(5);  // no gradients of targets and flag
    return result;
  }
};

}  // namespace

at::Tensor vocabulary_loss(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                           const at::Tensor& targets) {
  const bool with_gradients = at::GradMode::is_enabled() && (features.requires_grad() || weight.requires_grad());
  // An undefined tensor is no argument of an autograd function, an absent one is.
  const auto optional_bias = bias.defined() ? std::optional(bias) : std::nullopt;
  return VocabularyLoss::apply(features, weight, optional_bias, targets, with_gradients);
}

VocabularyJudgement judge_targets(const at::Tensor& features, const at::Tensor& weight, const at::Tensor& bias,
                                  const at::Tensor& targets) {
  const at::NoGradGuard no_gradients;
  const at::Tensor losses = at::empty({features.size(0)}, features.options().dtype(at::kFloat));
  const at::Tensor is_top = at::empty({features.size(0)}, features.options().dtype(at::kBool));
  for_each_part(features, weight, bias, targets,
                [&](std::int64_t first, std::int64_t rows, const at::Tensor& logits, const at::Tensor& normaliser,
                    const at::Tensor& part_targets) {
                  losses.narrow(0, first, rows).copy_((normaliser - logits.gather(1, part_targets)).squeeze(1));
                  is_top.narrow(0, first, rows).copy_(is_likeliest(logits, part_targets));
                });
  return {losses, is_top};
}

}  // namespace llmtool
