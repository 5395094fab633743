#include "llmtool/kernels/packed_attention.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

// Checks that the tensors hold three blocks of equally many columns, and returns how many.
std::int64_t columns_of_a_block(const std::vector<at::Tensor>& tensors) {
  const char* const message = "attention needs queries, keys and values of one hidden size";
  std::int64_t columns = 0;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.dim() != 2) throw std::invalid_argument(message);
    columns += tensor.size(1);
  }
  const std::int64_t size = columns / 3;
  if (size == 0 || columns % 3 != 0) throw std::invalid_argument(message);
  for (const at::Tensor& tensor : tensors)
    if (tensor.size(1) % size != 0) throw std::invalid_argument(message);
  if (tensors.size() == 2 && tensors.front().size(1) != size)
    throw std::invalid_argument("attention needs values where the keys are, beside them or in a tensor alike");
  return size;
}

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// For longer sequences without dropout LibTorch's operation, which keeps no weights for the backward pass, is as fast:
// on AVX2 115 to 160 against 120 to 170 ms for 2,048 tokens and 12 heads of 64, but 96 against 70 ms for 2 x 1,024 and
// 36 against 13 ms for 32 x 128 and heads of 32. With dropout it has plain products only: 2,250 against 670 ms for
// 2,048 tokens, gradients included.
constexpr std::int64_t kLongestWithoutDropout = 1024;

// Where the numbers of a head begin, counted from the batch's first.
struct HeadPlace {
  std::int64_t queries, keys, context, weights;
};

// Everything about a batch that both passes need.
class Plan {
 public:
  Plan(const AttentionOperands& operands, std::vector<std::int64_t> query_offsets,
       std::vector<std::int64_t> key_offsets, std::int64_t num_heads, bool is_causal, double dropout, std::int64_t seed)
      : query_offsets_(std::move(query_offsets)),
        key_offsets_(std::move(key_offsets)),
        num_heads_(num_heads),
        head_size_(operands.hidden_size() / num_heads),
        strides_{operands.queries().stride(0), operands.keys().stride(0), operands.hidden_size()},
        is_causal_(is_causal),
        dropout_(dropout),
        mask_(static_cast<std::uint64_t>(seed), dropout) {
    weight_offsets_.push_back(0);
    for (std::int64_t sequence = 0; sequence < num_sequences(); ++sequence) {
      const std::int64_t size = num_queries(sequence) * num_keys(sequence);
      weight_offsets_.push_back(weight_offsets_.back() + size * num_heads_);
      scratch_size_ = std::max(scratch_size_, head_scratch_size(head_shape(sequence, 0)));
    }
  }

  // Attention weights of all sequences and heads.
  std::int64_t num_weights() const { return weight_offsets_.back(); }
  const DropoutMask* mask() const { return dropout_ > 0.0 ? &mask_ : nullptr; }

  // Calls action(shape, place, scratch) for every head of every sequence.
  template <class Action>
  void for_each_head(const Action& action) const {
    at::parallel_for(0, num_sequences() * num_heads_, 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> scratch(static_cast<std::size_t>(scratch_size_));
      for (std::int64_t item = begin; item < end; ++item) {
        const std::int64_t sequence = item / num_heads_;
        const std::int64_t head = item % num_heads_;
        const HeadShape shape = head_shape(sequence, head);
        const std::int64_t column = head * head_size_;
        const HeadPlace place{
            query_offsets_[sequence] * strides_.queries + column, key_offsets_[sequence] * strides_.keys + column,
            query_offsets_[sequence] * strides_.context + column, static_cast<std::int64_t>(shape.mask_position)};
        action(shape, place, scratch.data());
      }
    });
  }

 private:
  std::int64_t num_sequences() const { return static_cast<std::int64_t>(query_offsets_.size()) - 1; }
  std::int64_t num_queries(std::int64_t sequence) const {
    return query_offsets_[sequence + 1] - query_offsets_[sequence];
  }
  std::int64_t num_keys(std::int64_t sequence) const { return key_offsets_[sequence + 1] - key_offsets_[sequence]; }

  HeadShape head_shape(std::int64_t sequence, std::int64_t head) const {
    const std::int64_t queries = num_queries(sequence);
    const std::int64_t keys = num_keys(sequence);
    const auto first_weight = static_cast<std::uint64_t>(weight_offsets_[sequence] + head * queries * keys);
    const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_size_)));
    return {queries, keys, head_size_, strides_, scale, first_weight, is_causal_};
  }

  std::vector<std::int64_t> query_offsets_;
  std::vector<std::int64_t> key_offsets_;
  std::vector<std::int64_t> weight_offsets_;
  std::int64_t num_heads_;
  std::int64_t head_size_;
  HeadStrides strides_;
  bool is_causal_;
  double dropout_;
  DropoutMask mask_;
  std::int64_t scratch_size_ = 0;
};

// The results have the same sizes and, since theirs are contiguous, the same strides.
AttentionOperands empty_like(const AttentionOperands& operands) {
  std::vector<at::Tensor> tensors;
  for (const at::Tensor& tensor : operands.tensors()) tensors.push_back(at::empty_like(tensor));
  return AttentionOperands(std::move(tensors));
}

void clear_padding(const at::Tensor& rows, const std::vector<std::int64_t>& offsets) {
  rows.narrow(0, offsets.back(), rows.size(0) - offsets.back()).zero_();
}

struct PackedAttention : public torch::autograd::Function<PackedAttention> {
  static at::Tensor forward(AutogradContext* context, at::TensorList tensors,
                            const std::vector<std::int64_t>& query_offsets,
                            const std::vector<std::int64_t>& key_offsets, bool is_causal, std::int64_t num_heads,
                            double dropout, std::int64_t seed, bool keeps_weights) {
    RECORD_FUNCTION("llmtool::attention", std::vector<c10::IValue>());
    const AttentionOperands operands(tensors.vec());
    const at::Tensor queries = operands.queries();
    const at::Tensor keys = operands.keys();
    const at::Tensor values = operands.values();
    const Plan plan(operands, query_offsets, key_offsets, num_heads, is_causal, dropout, seed);
    at::Tensor output = at::empty({queries.size(0), queries.size(1)}, queries.options().requires_grad(false));
    clear_padding(output, query_offsets);
    const std::int64_t num_kept = keeps_weights ? plan.num_weights() : 0;
    at::Tensor weights = at::empty({num_kept}, output.options().dtype(at::kFloat));
    float* w = keeps_weights ? weights.mutable_data_ptr<float>() : nullptr;
    with_element_type(queries, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      const T* q = elements<T>(queries);
      const T* k = elements<T>(keys);
      const T* v = elements<T>(values);
      T* o = mutable_elements<T>(output);
      plan.for_each_head([&](const HeadShape& shape, const HeadPlace& place, float* scratch) {
        kernels.attend_head(shape, q + place.queries, k + place.keys, v + place.keys, plan.mask(),
                            w == nullptr ? w : w + place.weights, o + place.context, scratch);
      });
    });
    variable_list saved = operands.tensors();
    saved.push_back(weights);
    context->save_for_backward(std::move(saved));
    context->saved_data["query_offsets"] = query_offsets;
    context->saved_data["key_offsets"] = key_offsets;
    context->saved_data["is_causal"] = is_causal;
    context->saved_data["num_heads"] = num_heads;
    context->saved_data["dropout"] = dropout;
    context->saved_data["seed"] = seed;
    return output;
  }

  static variable_list backward(AutogradContext* context, const variable_list& gradients) {
    RECORD_FUNCTION("llmtool::attention", std::vector<c10::IValue>());
    variable_list saved = context->get_saved_variables();
    const at::Tensor weights = saved.back();
    saved.pop_back();
    const AttentionOperands operands(std::move(saved));
    auto& data = context->saved_data;
    const Plan plan(operands, data["query_offsets"].toIntVector(), data["key_offsets"].toIntVector(),
                    data["num_heads"].toInt(), data["is_causal"].toBool(), data["dropout"].toDouble(),
                    data["seed"].toInt());
    const at::Tensor output_gradient = gradients[0].contiguous();
    const AttentionOperands results = empty_like(operands);
    const float* w = weights.const_data_ptr<float>();
    clear_padding(results.queries(), data["query_offsets"].toIntVector());
    for (const at::Tensor& rows : {results.keys(), results.values()})
      clear_padding(rows, data["key_offsets"].toIntVector());
    with_element_type(output_gradient, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      const T* q = elements<T>(operands.queries());
      const T* k = elements<T>(operands.keys());
      const T* v = elements<T>(operands.values());
      const T* g = elements<T>(output_gradient);
      const HeadGradients<T> all = {mutable_elements<T>(results.queries()), mutable_elements<T>(results.keys()),
                                    mutable_elements<T>(results.values())};
      plan.for_each_head([&](const HeadShape& shape, const HeadPlace& place, float* scratch) {
        kernels.attend_head_backward(
            shape, q + place.queries, k + place.keys, v + place.keys, plan.mask(), w + place.weights, g + place.context,
            {all.queries + place.queries, all.keys + place.keys, all.values + place.keys}, scratch);
      });
    });
    variable_list result = results.tensors();
    result.resize(result.size() + 7);  // no gradients of offsets, causality, heads, dropout, seed and flag
    return result;
  }
};

}  // namespace

AttentionOperands::AttentionOperands(std::vector<at::Tensor> tensors)
    : tensors_(std::move(tensors)), hidden_size_(columns_of_a_block(tensors_)) {
  if (keys().size(0) != values().size(0)) throw std::invalid_argument("attention needs a value for every key");
}

at::Tensor AttentionOperands::block(std::int64_t index) const {
  std::int64_t first = index * hidden_size_;
  auto tensor = tensors_.begin();
  for (; first >= tensor->size(1); ++tensor) first -= tensor->size(1);
  return tensor->size(1) == hidden_size_ ? *tensor : tensor->narrow(1, first, hidden_size_);
}

bool can_use_packed_attention(const AttentionOperands& operands, std::int64_t num_heads, std::int64_t max_key_length,
                              double dropout) {
  return has_kernel_elements(operands.tensors().front()) && operands.hidden_size() / num_heads % kLanes == 0 &&
         (max_key_length <= kLongestWithoutDropout || dropout > 0.0);
}

at::Tensor packed_attention(const AttentionOperands& operands, const PackedSequences& sequences, std::int64_t num_heads,
                            double dropout) {
  const std::uint64_t seed = dropout > 0.0 ? draw_dropout_seed() : 0;
  std::vector<at::Tensor> tensors;
  bool has_backward = false;
  for (const at::Tensor& tensor : operands.tensors()) {
    tensors.push_back(tensor.contiguous());
    has_backward = has_backward || (at::GradMode::is_enabled() && tensor.requires_grad());
  }
  return PackedAttention::apply(at::TensorList(tensors), sequences.query_offsets, sequences.key_offsets,
                                sequences.is_causal, num_heads, dropout, static_cast<std::int64_t>(seed), has_backward);
}

}  // namespace llmtool
