// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include <type_traits>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/elementary.h"
#include "llmtool/kernels/small_matrix.h"
#include "llmtool/kernels/vectors.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

// In place over `size` scores of a row; the slots beyond, up to a multiple of kLanes, become 0.
LLMTOOL_ALWAYS_INLINE void softmax(float* row, std::int64_t size, float scale) {
  constexpr float kLowest = -3.4e38F;
  const std::int64_t width = padded(size);
  for (std::int64_t j = size; j < width; ++j) row[j] = kLowest;
  const float largest = largest_of(row, width);
  for (std::int64_t j = 0; j < width; ++j) row[j] = exponential_of_negative((row[j] - largest) * scale);
  for (std::int64_t j = size; j < width; ++j) row[j] = 0.0F;
  const float inverse = 1.0F / sum_of(row, width);
  for (std::int64_t j = 0; j < width; ++j) row[j] *= inverse;
}

// Keys that query `i` sees, the first of the sequence.
LLMTOOL_ALWAYS_INLINE std::int64_t visible_keys(const HeadShape& shape, std::int64_t i) {
  return shape.is_causal ? shape.num_keys - shape.num_queries + i + 1 : shape.num_keys;
}

// First query that sees key `j`.
LLMTOOL_ALWAYS_INLINE std::int64_t first_query(const HeadShape& shape, std::int64_t j) {
  const std::int64_t query = j - (shape.num_keys - shape.num_queries);
  return shape.is_causal && query > 0 ? query : 0;
}

// Calls action(first, count) for bands of rows that share the bounds of their products: few rows where the mask makes
// the upper triangle worth skipping, otherwise all.
template <class Action>
LLMTOOL_ALWAYS_INLINE void for_each_band(const HeadShape& shape, std::int64_t num_rows, const Action& action) {
  constexpr std::int64_t kCausalBand = 24;
  const std::int64_t step = shape.is_causal ? kCausalBand : num_rows;
  for (std::int64_t first = 0; first < num_rows; first += step)
    action(first, step < num_rows - first ? step : num_rows - first);
}

// Writes query `i`'s weights as they are kept for the backward pass, those that are dropped with their sign changed.
LLMTOOL_ALWAYS_INLINE void keep_weights(const HeadShape& shape, const DropoutMask* mask, std::int64_t i,
                                        const float* row, float* kept) {
  const std::int64_t visible = visible_keys(shape, i);
  for (std::int64_t j = visible; j < shape.num_keys; ++j) kept[j] = 0.0F;
  if (mask == nullptr) {
    for (std::int64_t j = 0; j < visible; ++j) kept[j] = row[j];
    return;
  }
  const DropoutRun run(*mask, shape.mask_position + static_cast<std::uint64_t>(i * shape.num_keys));
  const auto size = static_cast<std::uint32_t>(visible);
  for (std::uint32_t j = 0; j < size; ++j) kept[j] = run.keeps(j) ? row[j] : -row[j];
}

// The weights that the values are multiplied by: what is kept times its scale, otherwise 0.
LLMTOOL_ALWAYS_INLINE void drop_weights(const float* kept, std::int64_t size, float scale, float* row) {
  for (std::int64_t j = 0; j < size; ++j) row[j] = kept[j] < 0.0F ? 0.0F : kept[j] * scale;
}

LLMTOOL_ALWAYS_INLINE float scale_of(const DropoutMask* mask) { return mask == nullptr ? 1.0F : mask->scale; }

// Gradient of the scores in place of that of the dropped weights: scale * w * (g - sum of g * w); 0 for hidden keys.
LLMTOOL_ALWAYS_INLINE void softmax_backward(const HeadShape& shape, const float* kept, float dropout_scale,
                                            std::int64_t i, float* __restrict gradient) {
  const std::int64_t keys = visible_keys(shape, i);
  const std::int64_t width = padded(shape.num_keys);
  for (std::int64_t j = 0; j < keys; ++j) gradient[j] = kept[j] < 0.0F ? 0.0F : gradient[j] * dropout_scale;
  const float sum = dot_product(gradient, kept, keys);  // 0 times what is dropped
  for (std::int64_t j = 0; j < keys; ++j) gradient[j] = __builtin_fabsf(kept[j]) * (gradient[j] - sum) * shape.scale;
  for (std::int64_t j = keys; j < width; ++j) gradient[j] = 0.0F;
}

// output [num_queries, width] = left [num_queries, head_size] * right [head_size, width], but for columns that no query
// of a band sees.
void multiply_visible(const HeadShape& shape, Rows left, const float* right, std::int64_t width, float* output) {
  for_each_band(shape, shape.num_queries, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t columns = padded(visible_keys(shape, first + count - 1));
    multiply({left.data + first * left.stride, left.stride, 1}, {right, width}, {output + first * width, width}, count,
             columns, shape.head_size);
  });
}

// output [num_queries, head_size] = left [num_queries, width] * right [num_keys, head_size]; what a query does not see
// is 0 in its row of left, as far as the band's last query sees.
void multiply_by_keys(const HeadShape& shape, const float* left, std::int64_t width, Rows right, MutableRows output) {
  for_each_band(shape, shape.num_queries, [&](std::int64_t first, std::int64_t count) {
    multiply({left + first * width, width, 1}, right, {output.data + first * output.stride, output.stride}, count,
             shape.head_size, visible_keys(shape, first + count - 1));
  });
}

// output [num_keys, head_size] = transpose of left [num_queries, width] * right [num_queries, head_size].
void multiply_by_queries(const HeadShape& shape, const float* left, std::int64_t width, Rows right,
                         MutableRows output) {
  for_each_band(shape, shape.num_keys, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t query = first_query(shape, first);
    multiply({left + query * width + first, 1, width}, {right.data + query * right.stride, right.stride},
             {output.data + first * output.stride, output.stride}, count, shape.head_size, shape.num_queries - query);
  });
}

// Parts of the scratch memory, one behind the other.
struct Scratch {
  float* next;
  float* take(std::int64_t size) {
    float* part = next;
    next += size;
    return part;
  }
};

// output [head_size, padded rows] = transpose of rows [num_rows, head_size]; slots beyond the rows become 0.
template <class T>
void transpose(const T* rows, const HeadShape& shape, std::int64_t num_rows, float* output) {
  const std::int64_t width = padded(num_rows);
  for (std::int64_t j = 0; j < shape.head_size; ++j) {
    float* target = output + j * width;
    for (std::int64_t i = 0; i < num_rows; ++i) target[i] = to_float(rows[i * shape.stride + j]);
    for (std::int64_t i = num_rows; i < width; ++i) target[i] = 0.0F;
  }
}

// The rows of a head as floats behind each other. A copy even of floats: rows of a batch lie so far apart that those of
// one head share few sets of the cache, and they are read many times.
template <class T>
Rows gather(const T* rows, const HeadShape& shape, std::int64_t num_rows, Scratch& scratch) {
  float* output = scratch.take(num_rows * shape.head_size);
  for (std::int64_t i = 0; i < num_rows; ++i)
    for (std::int64_t j = 0; j < shape.head_size; ++j)
      output[i * shape.head_size + j] = to_float(rows[i * shape.stride + j]);
  return {output, shape.head_size};
}

// Results of a head, written to their place or, if they are to be bf16, to scratch memory first.
template <class T>
class Results {
 public:
  Results(T* rows, const HeadShape& shape, std::int64_t num_rows, Scratch& scratch)
      : rows_(rows), shape_(shape), num_rows_(num_rows) {
    if constexpr (std::is_same_v<T, float>)
      target_ = {rows, shape.stride};
    else
      target_ = {scratch.take(num_rows * shape.head_size), shape.head_size};
  }
  MutableRows target() const { return target_; }
  void finish() const {
    if constexpr (!std::is_same_v<T, float>)
      for (std::int64_t i = 0; i < num_rows_; ++i)
        for (std::int64_t j = 0; j < shape_.head_size; ++j)
          store(target_.data[i * target_.stride + j], rows_[i * shape_.stride + j]);
  }

 private:
  T* rows_;
  const HeadShape& shape_;
  std::int64_t num_rows_;
  MutableRows target_;
};

template <class T>
void attend_head(const HeadShape& shape, const T* queries, const T* keys, const T* values, const DropoutMask* mask,
                 float* weights, T* context, float* scratch) {
  const std::int64_t width = padded(shape.num_keys);
  Scratch rest{scratch};
  float* transposed_keys = rest.take(shape.head_size * width);
  float* scores = rest.take(shape.num_queries * width);
  transpose(keys, shape, shape.num_keys, transposed_keys);
  multiply_visible(shape, gather(queries, shape, shape.num_queries, rest), transposed_keys, width, scores);
  for (std::int64_t i = 0; i < shape.num_queries; ++i) {
    float* row = scores + i * width;
    float* kept = weights == nullptr ? row : weights + i * shape.num_keys;
    const std::int64_t visible = visible_keys(shape, i);
    softmax(row, visible, shape.scale);
    for (std::int64_t j = padded(visible); j < width; ++j) row[j] = 0.0F;
    if (kept != row || mask != nullptr) keep_weights(shape, mask, i, row, kept);
    if (mask != nullptr) drop_weights(kept, visible, mask->scale, row);
  }
  const Results<T> results(context, shape, shape.num_queries, rest);
  multiply_by_keys(shape, scores, width, gather(values, shape, shape.num_keys, rest), results.target());
  results.finish();
}

template <class T>
void attend_head_backward(const HeadShape& shape, const T* queries, const T* keys, const T* values,
                          const DropoutMask* mask, const float* weights, const T* context_gradient,
                          const HeadGradients<T>& gradients, float* scratch) {
  const std::int64_t width = padded(shape.num_keys);
  Scratch rest{scratch};
  float* transposed_values = rest.take(shape.head_size * width);
  float* dropped = rest.take(shape.num_queries * width);
  float* score_gradient = rest.take(shape.num_queries * width);
  const Rows gradient = gather(context_gradient, shape, shape.num_queries, rest);
  const Results<T> value_gradients(gradients.values, shape, shape.num_keys, rest);
  const Results<T> query_gradients(gradients.queries, shape, shape.num_queries, rest);
  const Results<T> key_gradients(gradients.keys, shape, shape.num_keys, rest);

  for (std::int64_t i = 0; i < shape.num_queries; ++i)
    drop_weights(weights + i * shape.num_keys, shape.num_keys, scale_of(mask), dropped + i * width);
  multiply_by_queries(shape, dropped, width, gradient, value_gradients.target());
  transpose(values, shape, shape.num_keys, transposed_values);
  multiply_visible(shape, gradient, transposed_values, width, score_gradient);
  for (std::int64_t i = 0; i < shape.num_queries; ++i)
    softmax_backward(shape, weights + i * shape.num_keys, scale_of(mask), i, score_gradient + i * width);
  multiply_by_keys(shape, score_gradient, width, gather(keys, shape, shape.num_keys, rest), query_gradients.target());
  multiply_by_queries(shape, score_gradient, width, gather(queries, shape, shape.num_queries, rest),
                      key_gradients.target());
  for (const Results<T>* results : {&value_gradients, &query_gradients, &key_gradients}) results->finish();
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
