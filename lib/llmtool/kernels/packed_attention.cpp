#include "llmtool/kernels/packed_attention.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// For longer sequences without dropout LibTorch's operation, which keeps no weights for the backward pass, is as fast:
// on AVX2 115 to 160 against 120 to 170 ms for 2,048 tokens and 12 heads of 64, but 96 against 70 ms for 2 x 1,024 and
// 36 against 13 ms for 32 x 128 and heads of 32. With dropout it has plain products only: 2,250 against 670 ms for
// 2,048 tokens, gradients included.
constexpr std::int64_t kLongestWithoutDropout = 1024;

// Everything about a batch that both passes need.
class Plan {
 public:
  Plan(std::vector<std::int64_t> query_offsets, std::vector<std::int64_t> key_offsets, std::int64_t num_heads,
       std::int64_t hidden_size, bool is_causal, double dropout, std::int64_t seed)
      : query_offsets_(std::move(query_offsets)),
        key_offsets_(std::move(key_offsets)),
        num_heads_(num_heads),
        hidden_size_(hidden_size),
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

  // Calls action(shape, query offset, key offset, weight offset, scratch) for every head of every sequence; offsets
  // count numbers.
  template <class Action>
  void for_each_head(const Action& action) const {
    at::parallel_for(0, num_sequences() * num_heads_, 1, [&](std::int64_t begin, std::int64_t end) {
      std::vector<float> scratch(static_cast<std::size_t>(scratch_size_));
      for (std::int64_t item = begin; item < end; ++item) {
        const std::int64_t sequence = item / num_heads_;
        const std::int64_t head = item % num_heads_;
        const HeadShape shape = head_shape(sequence, head);
        action(shape, query_offsets_[sequence] * hidden_size_ + head * head_size(),
               key_offsets_[sequence] * hidden_size_ + head * head_size(),
               static_cast<std::int64_t>(shape.mask_position), scratch.data());
      }
    });
  }

 private:
  std::int64_t num_sequences() const { return static_cast<std::int64_t>(query_offsets_.size()) - 1; }
  std::int64_t num_queries(std::int64_t sequence) const {
    return query_offsets_[sequence + 1] - query_offsets_[sequence];
  }
  std::int64_t num_keys(std::int64_t sequence) const { return key_offsets_[sequence + 1] - key_offsets_[sequence]; }
  std::int64_t head_size() const { return hidden_size_ / num_heads_; }

  HeadShape head_shape(std::int64_t sequence, std::int64_t head) const {
    const std::int64_t queries = num_queries(sequence);
    const std::int64_t keys = num_keys(sequence);
    const auto first_weight = static_cast<std::uint64_t>(weight_offsets_[sequence] + head * queries * keys);
    const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(head_size())));
    return {queries, keys, head_size(), hidden_size_, scale, first_weight, is_causal_};
  }

  std::vector<std::int64_t> query_offsets_;
  std::vector<std::int64_t> key_offsets_;
  std::vector<std::int64_t> weight_offsets_;
  std::int64_t num_heads_;
  std::int64_t hidden_size_;
  bool is_causal_;
  double dropout_;
  DropoutMask mask_;
  std::int64_t scratch_size_ = 0;
};

void clear_padding(const at::Tensor& rows, const std::vector<std::int64_t>& offsets) {
  rows.narrow(0, offsets.back(), rows.size(0) - offsets.back()).zero_();
}

struct PackedAttention : public torch::autograd::Function<PackedAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& queries, const at::Tensor& keys,
                            const at::Tensor& values, const std::vector<std::int64_t>& query_offsets,
                            const std::vector<std::int64_t>& key_offsets, bool is_causal, std::int64_t num_heads,
                            double dropout, std::int64_t seed, bool keeps_weights) {
    RECORD_FUNCTION("llmtool::attention", std::vector<c10::IValue>());
    const Plan plan(query_offsets, key_offsets, num_heads, queries.size(1), is_causal, dropout, seed);
    at::Tensor output = at::empty_like(queries);
    clear_padding(output, query_offsets);
    const std::int64_t num_kept = keeps_weights ? plan.num_weights() : 0;
    at::Tensor weights = at::empty({num_kept}, queries.options().dtype(at::kFloat).requires_grad(false));
    float* w = keeps_weights ? weights.mutable_data_ptr<float>() : nullptr;
    with_element_type(queries, [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      const T* q = elements<T>(queries);
      const T* k = elements<T>(keys);
      const T* v = elements<T>(values);
      T* o = mutable_elements<T>(output);
      plan.for_each_head(
          [&](const HeadShape& shape, std::int64_t query, std::int64_t key, std::int64_t weight, float* scratch) {
            kernels.attend_head(shape, q + query, k + key, v + key, plan.mask(), w == nullptr ? w : w + weight,
                                o + query, scratch);
          });
    });
    context->save_for_backward({queries, keys, values, weights});
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
    const variable_list saved = context->get_saved_variables();
    auto& data = context->saved_data;
    const Plan plan(data["query_offsets"].toIntVector(), data["key_offsets"].toIntVector(), data["num_heads"].toInt(),
                    saved[0].size(1), data["is_causal"].toBool(), data["dropout"].toDouble(), data["seed"].toInt());
    const at::Tensor output_gradient = gradients[0].contiguous();
    variable_list result = {at::empty_like(saved[0]), at::empty_like(saved[1]), at::empty_like(saved[2])};
    const float* w = saved[3].const_data_ptr<float>();
    clear_padding(result[0], data["query_offsets"].toIntVector());
    for (const std::size_t i : {1, 2}) clear_padding(result[i], data["key_offsets"].toIntVector());
    with_element_type(saved[0], [&]<class T>() {
      const auto& kernels = element_kernels<T>(cpu_kernels());
      const T* q = elements<T>(saved[0]);
      const T* k = elements<T>(saved[1]);
      const T* v = elements<T>(saved[2]);
      const T* g = elements<T>(output_gradient);
      const HeadGradients<T> all = {mutable_elements<T>(result[0]), mutable_elements<T>(result[1]),
                                    mutable_elements<T>(result[2])};
      plan.for_each_head(
          [&](const HeadShape& shape, std::int64_t query, std::int64_t key, std::int64_t weight, float* scratch) {
            kernels.attend_head_backward(shape, q + query, k + key, v + key, plan.mask(), w + weight, g + query,
                                         {all.queries + query, all.keys + key, all.values + key}, scratch);
          });
    });
    result.resize(10);  // no gradients of offsets, causality, heads, dropout, seed and flag
    return result;
  }
};

}  // namespace

bool can_use_packed_attention(const at::Tensor& queries, std::int64_t num_heads, std::int64_t max_key_length,
                              double dropout) {
  return has_kernel_elements(queries) && queries.size(1) / num_heads % kLanes == 0 &&
         (max_key_length <= kLongestWithoutDropout || dropout > 0.0);
}

at::Tensor packed_attention(const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values,
                            const PackedSequences& sequences, std::int64_t num_heads, double dropout) {
  const std::uint64_t seed = dropout > 0.0 ? draw_dropout_seed() : 0;
  const bool has_backward =
      at::GradMode::is_enabled() && (queries.requires_grad() || keys.requires_grad() || values.requires_grad());
  return PackedAttention::apply(queries.contiguous(), keys.contiguous(), values.contiguous(), sequences.query_offsets,
                                sequences.key_offsets, sequences.is_causal, num_heads, dropout,
                                static_cast<std::int64_t>(seed), has_backward);
}

}  // namespace llmtool
