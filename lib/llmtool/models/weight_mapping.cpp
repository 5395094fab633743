#include "llmtool/models/weight_mapping.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>

namespace llmtool {

std::vector<std::int64_t> stored_shape(const WeightRow& row) {
  std::vector<std::int64_t> shape = row.tensor.sizes().vec();
  if (row.transform == WeightTransform::kTransposed) std::reverse(shape.begin(), shape.end());
  return shape;
}

void assign_weight(const WeightRow& row, const at::Tensor& values) {
  const at::NoGradGuard no_grad;
  row.tensor.copy_(row.transform == WeightTransform::kTransposed ? values.t() : values);
}

at::Tensor stored_values(const WeightRow& row) {
  const at::Tensor values = row.tensor.detach().to(at::kCPU, at::kFloat);
  return (row.transform == WeightTransform::kTransposed ? values.t() : values).contiguous();
}

void append_linear_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                        const at::Tensor& bias) {
  rows.push_back({name + ".weight", weight});
  if (bias.defined()) rows.push_back({name + ".bias", bias, WeightStart::kZeros});
}

void append_embedding_rows(std::vector<WeightRow>& rows, const std::string& name, const Embedding& table) {
  rows.push_back({name + ".weight", table.weight});
  rows.back().zero_row = table.padding_id();
}

void append_norm_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                      const at::Tensor& bias) {
  rows.push_back({name + ".weight", weight, WeightStart::kOnes});
  if (bias.defined()) rows.push_back({name + ".bias", bias, WeightStart::kZeros});
}

}  // namespace llmtool
