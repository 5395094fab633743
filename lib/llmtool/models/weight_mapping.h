#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/nn/embeddings.h"

namespace llmtool {

// How a stored tensor differs from ours.
enum class WeightTransform { kNone, kTransposed };

// What a weight is before it is trained: drawn from a normal distribution, constant, or a table of sines (Vaswani et
// al., 2017, section 3.5).
enum class WeightStart { kNormal, kZeros, kOnes, kSinusoidal };

// One stored tensor: its Hugging Face name and the part of our parameters it fills. `tensor` may be a slice, so that
// several rows fill one fused parameter.
struct WeightRow {
  std::string name;
  at::Tensor tensor;
  WeightStart start = WeightStart::kNormal;
  WeightTransform transform = WeightTransform::kNone;
  double initial_scale = 1.0;                 // of the standard deviation it is drawn with
  std::optional<double> initial_cutoff = {};  // no number is drawn beyond this many standard deviations
  std::optional<std::int64_t> zero_row = {};  // of a padding id, 0 when drawn

  // Weight decay applies to what is drawn: to everything but biases and LayerNorm, as in Hugging Face's Trainer.
  bool is_decayed() const { return start == WeightStart::kNormal || start == WeightStart::kSinusoidal; }
};

// A name a checkpoint may hold besides the one its weight is stored under.
struct TiedWeight {
  std::string copy;
  std::string original;
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

// Rows of an affine map or a LayerNorm, appended to `rows` as NAME.weight and, where there is one, NAME.bias; of an
// embedding, as NAME.weight.
void append_linear_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                        const at::Tensor& bias);
void append_embedding_rows(std::vector<WeightRow>& rows, const std::string& name, const Embedding& table);
void append_norm_rows(std::vector<WeightRow>& rows, const std::string& name, const at::Tensor& weight,
                      const at::Tensor& bias);

}  // namespace llmtool
