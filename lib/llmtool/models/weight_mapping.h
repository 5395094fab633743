#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/formats/tensor_source.h"
#include "llmtool/models/load_report.h"
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

// Stored tensors under the names of a model's rows: what a wrapper put before all names is taken away ("module."), a
// base prefix that is missing is put there, one too many is taken away, `gamma` and `beta` of old checkpoints become
// `weight` and `bias`.
struct StoredWeights {
  std::map<std::string, const TensorView*> tensors;
  std::string removed_prefix;        // of a wrapper; "" where there was none
  std::vector<std::string> ignored;  // left out by a pattern, under their stored names
};

// Without the tensors whose names, as stored or without a wrapper's prefix, match a pattern of `ignore`. `rows` begin
// with the word embedding. The views point into `source`. Throws ModelError when two stored tensors mean the same
// weight, when the weights stand under a prefix that is no wrapper's, and for weights of PEFT adapters.
StoredWeights canonical_weights(const TensorSource& source, const std::vector<WeightRow>& rows,
                                std::string_view base_prefix, const std::vector<std::string>& ignore = {});

// Takes copies of tied weights out, or puts them in the place of an original that is not stored; returns the names
// taken out. Throws ModelError when a copy and its original differ.
std::vector<std::string> resolve_ties(StoredWeights& stored, const std::vector<TiedWeight>& ties);

// Where one of our tensors has several names, a checkpoint may hold it under one of them alone: it is the others, too.
void complete_names(StoredWeights& stored, const std::vector<WeightRow>& rows);

// Which differences between checkpoint and model are in order.
struct MatchingRules {
  // A row whose name starts so is drawn anew whatever is stored.
  std::vector<std::string> replaced_prefixes;
  // A row whose name starts so may be missing, and is then drawn anew.
  std::vector<std::string> optional_prefixes;
  // A stored tensor whose name starts so belongs to another head.
  std::vector<std::string> other_head_prefixes;
};

// Compares names and shapes; only the rows' shapes are used, so they may live on the "meta" device. Fills everything
// of the report but the head.
LoadReport match_weights(const std::vector<WeightRow>& rows, const StoredWeights& stored, const MatchingRules& rules);

// Copies a stored tensor into the row's tensor, converting fp16, bf16 and fp64. Throws ModelError for other types.
void copy_weight(const WeightRow& row, const TensorView& view);

// Gives a weight its first values, as row.start says: drawn ones have `standard_deviation` times the row's scale and
// depend on the seed and the row's name alone.
void initialize_weight(const WeightRow& row, double standard_deviation, std::uint64_t seed);

}  // namespace llmtool
