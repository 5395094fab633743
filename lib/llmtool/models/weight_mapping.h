#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace llmtool {

// How a stored tensor differs from ours.
enum class WeightTransform { kNone, kTransposed };

// One stored tensor: its Hugging Face name and the part of our parameters it fills. `tensor` may be a slice, so that
// several rows fill one fused parameter.
struct WeightRow {
  std::string name;
  at::Tensor tensor;
  bool is_decayed = true;  // weight decay applies: everything but biases and LayerNorm, as Hugging Face's Trainer
  WeightTransform transform = WeightTransform::kNone;
};

// Shape the stored tensor has: ours, before the transform.
std::vector<std::int64_t> stored_shape(const WeightRow& row);

// Copies `values`, shaped as stored and of any floating type, into our tensor.
void assign_weight(const WeightRow& row, const at::Tensor& values);

// Contiguous fp32 values on the CPU, shaped as they are stored. Shares memory with the parameter where it can.
at::Tensor stored_values(const WeightRow& row);

// A leaf of the autograd graph under its Hugging Face name: what a parameter store is built from.
struct NamedParameter {
  std::string name;
  at::Tensor tensor;
  bool is_decayed = true;
};

// Rows of an affine map, a LayerNorm or a single table, appended to `rows` as NAME.weight and NAME.bias.
void append_linear_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                        const at::Tensor& bias);
void append_norm_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                      const at::Tensor& bias);

}  // namespace llmtool
