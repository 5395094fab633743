#include "llmtool/optim/parameter_store.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <deque>
#include <numeric>
#include <stdexcept>

#include "llmtool/kernels/tensor_elements.h"
#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

// Fixed, so that partial sums do not depend on the number of threads.
constexpr std::int64_t kNormPieceSize = 1 << 15;

struct Piece {
  const at::Tensor* values;
  std::int64_t begin;
  std::int64_t size;
};

void append_pieces(const at::Tensor& tensor, std::vector<Piece>& pieces) {
  for (std::int64_t begin = 0; begin < tensor.numel(); begin += kNormPieceSize)
    pieces.push_back({&tensor, begin, std::min(kNormPieceSize, tensor.numel() - begin)});
}

double sum_of_squares(const Piece& piece) {
  if (piece.values->scalar_type() == at::kFloat)
    return llmtool::sum_of_squares(elements<float>(*piece.values) + piece.begin, piece.size);
  return llmtool::sum_of_squares(elements<Bf16>(*piece.values) + piece.begin, piece.size);
}

double sum_of_squares(const std::vector<Piece>& pieces) {
  std::vector<double> sums(pieces.size());
  at::parallel_for(0, static_cast<std::int64_t>(pieces.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) sums[i] = sum_of_squares(pieces[i]);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

// The tensors may be anywhere: one number comes back from the device, not one for each tensor.
double sum_of_squares(const std::vector<at::Tensor>& tensors) {
  if (tensors.empty()) return 0.0;
  const at::Tensor norms = at::stack(at::_foreach_norm(tensors, 2, at::kFloat));
  return norms.to(at::kDouble).square().sum().item<double>();
}

// The numbers there are of a gradient: all of a dense one, the rows of a sparse one.
at::Tensor values_of(const at::Tensor& gradient) {
  return gradient.defined() && gradient.is_sparse() ? gradient._values() : gradient;
}

}  // namespace

at::Tensor Parameter::gradient() const {
  return working_copy.defined() && working_copy.grad().defined() ? working_copy.grad() : value.grad();
}

void ParameterStore::add(std::string name, at::Tensor value, bool decayed) {
  if (!value.defined() || value.scalar_type() != at::kFloat || !value.is_contiguous() || !value.is_leaf())
    throw std::invalid_argument("parameter " + name + " is not a contiguous fp32 leaf");
  for (const Parameter& known : parameters_)
    if (known.name == name || known.value.is_same(value))
      throw std::invalid_argument("parameter " + name + " is already there as " + known.name);
  value.set_requires_grad(true);
  index_.emplace(name, parameters_.size());
  parameters_.push_back({std::move(name), std::move(value), true, decayed});
}

void ParameterStore::set_trainable(std::string_view name, bool trainable) {
  Parameter& parameter = parameters_.at(index_.at(std::string(name)));
  parameter.trainable = trainable;
  parameter.value.set_requires_grad(trainable);
  if (parameter.working_copy.defined()) parameter.working_copy.set_requires_grad(trainable);
  if (!trainable) parameter.value.mutable_grad().reset();
}

void ParameterStore::set_working_copy(const at::Tensor& value, at::Tensor copy) {
  for (Parameter& parameter : parameters_) {
    if (!parameter.value.is_same(value)) continue;
    copy.set_requires_grad(parameter.trainable);
    parameter.working_copy = std::move(copy);
    return;
  }
  throw std::out_of_range("a working copy of a tensor that is no parameter");
}

void ParameterStore::refresh_working_copies() {
  const at::NoGradGuard no_grad;
  for (const Parameter& parameter : parameters_)
    if (parameter.working_copy.defined()) parameter.working_copy.copy_(parameter.value);
}

const Parameter* ParameterStore::find(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  return found == index_.end() ? nullptr : &parameters_[found->second];
}

std::int64_t ParameterStore::num_values() const {
  return std::accumulate(parameters_.begin(), parameters_.end(), std::int64_t{0},
                         [](std::int64_t sum, const Parameter& parameter) { return sum + parameter.value.numel(); });
}

void ParameterStore::clear_gradients() {
  for (Parameter& parameter : parameters_) {
    parameter.value.mutable_grad().reset();
    if (parameter.working_copy.defined()) parameter.working_copy.mutable_grad().reset();
  }
}

void ParameterStore::widen_gradients() {
  const at::NoGradGuard no_grad;
  for (Parameter& parameter : parameters_) {
    if (!parameter.working_copy.defined() || !parameter.working_copy.grad().defined()) continue;
    at::Tensor& sum = parameter.value.mutable_grad();
    const at::Tensor gradient = parameter.working_copy.grad();
    sum = sum.defined() ? sum.add_(gradient) : gradient.to(parameter.value.scalar_type());
    parameter.working_copy.mutable_grad().reset();
  }
}

void ParameterStore::coalesce_gradients() {
  for (Parameter& parameter : parameters_) {
    at::Tensor& gradient = parameter.value.mutable_grad();
    if (gradient.defined() && gradient.is_sparse()) gradient = gradient.coalesce();
  }
}

double ParameterStore::gradient_norm() const {
  std::deque<at::Tensor> contiguous;  // keeps copies alive while their pieces are read
  std::vector<Piece> pieces;
  std::vector<at::Tensor> others;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor gradient = values_of(parameter.gradient());
    if (!gradient.defined()) continue;
    if (has_kernel_elements(gradient)) {
      contiguous.push_back(gradient.contiguous());
      append_pieces(contiguous.back(), pieces);
    } else {
      others.push_back(gradient);
    }
  }
  return std::sqrt(sum_of_squares(pieces) + sum_of_squares(others));
}

std::vector<std::string> ParameterStore::non_finite_gradients() const {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor gradient = values_of(parameter.gradient());
    if (gradient.defined() && !at::isfinite(gradient).all().item<bool>()) names.push_back(parameter.name);
  }
  return names;
}

double clipping_factor(double norm, double max_norm) {
  return max_norm > 0.0 ? std::min(1.0, max_norm / (norm + 1e-6)) : 1.0;
}

}  // namespace llmtool
