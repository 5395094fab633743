#include "llmtool/optim/parameter_store.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <numeric>
#include <regex>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

// Fixed, so that partial sums do not depend on the number of threads.
constexpr std::int64_t kPieceSize = 1 << 15;

struct Piece {
  const float* values;
  std::int64_t size;
};

void append_pieces(const at::Tensor& tensor, std::vector<Piece>& pieces) {
  for (std::int64_t begin = 0; begin < tensor.numel(); begin += kPieceSize)
    pieces.push_back({tensor.const_data_ptr<float>() + begin, std::min(kPieceSize, tensor.numel() - begin)});
}

double sum_of_squares(const std::vector<Piece>& pieces) {
  std::vector<double> sums(pieces.size());
  at::parallel_for(0, static_cast<std::int64_t>(pieces.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) sums[i] = llmtool::sum_of_squares(pieces[i].values, pieces[i].size);
  });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

std::string shape_text(const at::Tensor& tensor) {
  std::string text = "[";
  for (const std::int64_t size : tensor.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

std::string_view bytes_of(const at::Tensor& tensor) {
  return {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()};
}

}  // namespace

bool is_decayed_parameter(std::string_view name) {
  static const std::regex not_decayed(R"(bias|layernorm|rmsnorm|(^|\.)norm($|\.)|_norm($|\.)|(^|\.)ln_[0-9a-z]+\.)");
  std::string lower(name);
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return !std::regex_search(lower, not_decayed);
}

void ParameterStore::add(std::string name, at::Tensor value, bool trainable) {
  if (!value.defined() || value.scalar_type() != at::kFloat || !value.is_contiguous() || !value.is_leaf())
    throw std::invalid_argument("parameter " + name + " is not a contiguous fp32 leaf");
  for (const Parameter& known : parameters_)
    if (known.name == name || known.value.is_same(value))
      throw std::invalid_argument("parameter " + name + " is already there as " + known.name);
  value.set_requires_grad(trainable);
  index_.emplace(name, parameters_.size());
  const bool decayed = is_decayed_parameter(name);
  parameters_.push_back({std::move(name), std::move(value), trainable, decayed});
}

void ParameterStore::set_trainable(std::string_view name, bool trainable) {
  Parameter& parameter = parameters_.at(index_.at(std::string(name)));
  parameter.trainable = trainable;
  parameter.value.set_requires_grad(trainable);
  if (!trainable) parameter.value.mutable_grad().reset();
}

const Parameter* ParameterStore::find(std::string_view name) const {
  const auto found = index_.find(std::string(name));
  return found == index_.end() ? nullptr : &parameters_[found->second];
}

std::int64_t ParameterStore::num_values() const {
  return std::accumulate(parameters_.begin(), parameters_.end(), std::int64_t{0},
                         [](std::int64_t sum, const Parameter& parameter) { return sum + parameter.value.numel(); });
}

std::int64_t ParameterStore::num_trainable_values() const {
  std::int64_t sum = 0;
  for (const Parameter& parameter : parameters_) sum += parameter.trainable ? parameter.value.numel() : 0;
  return sum;
}

void ParameterStore::clear_gradients() {
  for (Parameter& parameter : parameters_) parameter.value.mutable_grad().reset();
}

double ParameterStore::gradient_norm() const {
  std::vector<at::Tensor> contiguous;  // keeps copies alive while their pieces are read
  std::vector<Piece> pieces;
  double others = 0.0;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor gradient = parameter.value.grad();
    if (!gradient.defined()) continue;
    if (gradient.is_cpu()) {
      contiguous.push_back(gradient.contiguous());
      append_pieces(contiguous.back(), pieces);
    } else {
      const double norm = gradient.norm().item<double>();
      others += norm * norm;
    }
  }
  return std::sqrt(sum_of_squares(pieces) + others);
}

std::vector<std::string> ParameterStore::non_finite_gradients() const {
  std::vector<std::string> names;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor gradient = parameter.value.grad();
    if (gradient.defined() && !at::isfinite(gradient).all().item<bool>()) names.push_back(parameter.name);
  }
  return names;
}

std::string ParameterStore::hash() const {
  Sha256 hash;
  for (const Parameter& parameter : parameters_) {
    const at::Tensor value = parameter.value.detach().cpu();
    hash.update(parameter.name + shape_text(value) + "\n");
    hash.update(bytes_of(value));
  }
  return hash.hex_digest();
}

void ParameterStore::load(const std::vector<NamedTensorValue>& values) {
  const at::NoGradGuard no_grad;
  std::string problems;
  std::vector<bool> found(parameters_.size(), false);
  for (const auto& [name, value] : values) {
    const auto entry = index_.find(name);
    if (entry == index_.end()) {
      problems += "\n  " + quote(name) + " is not a parameter of this model";
      continue;
    }
    found[entry->second] = true;
    const at::Tensor& target = parameters_[entry->second].value;
    if (value.sizes() != target.sizes())
      problems += "\n  " + quote(name) + " has shape " + shape_text(value) + ", expected " + shape_text(target);
  }
  for (std::size_t i = 0; i < found.size(); ++i)
    if (!found[i]) problems += "\n  " + quote(parameters_[i].name) + " is missing";
  if (!problems.empty()) throw ModelError("weights do not fit the model:" + problems);
  for (const auto& [name, value] : values) parameters_[index_.at(name)].value.copy_(value);
}

double clipping_factor(double norm, double max_norm) {
  return max_norm > 0.0 ? std::min(1.0, max_norm / (norm + 1e-6)) : 1.0;
}

}  // namespace llmtool
