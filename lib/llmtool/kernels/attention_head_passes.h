// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include <type_traits>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/elementary.h"
#include "llmtool/kernels/small_matrix.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

LLMTOOL_ALWAYS_INLINE std::int64_t padded(std::int64_t size) { return (size + kLanes - 1) / kLanes * kLanes; }

// In place over `size` scores of a row of `width`. Loops over the whole width need no remainder; what they leave in the
// slots beyond `size` is finite and without meaning.
LLMTOOL_ALWAYS_INLINE void softmax(float* row, std::int64_t size, std::int64_t width, float scale) {
  float largest = row[0];
  for (std::int64_t j = 1; j < size; ++j) largest = row[j] > largest ? row[j] : largest;
  for (std::int64_t j = 0; j < width; ++j) row[j] = exponential_of_negative((row[j] - largest) * scale);
  float sum = 0.0F;
  for (std::int64_t j = 0; j < size; ++j) sum += row[j];
  const float inverse = 1.0F / sum;
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

// Applies the mask to query `i`'s row of `width`.
LLMTOOL_ALWAYS_INLINE void drop_weights(const HeadShape& shape, const DropoutMask* mask, std::int64_t i,
                                        std::int64_t width, float* row) {
  if (mask == nullptr) return;
  const DropoutMask local = *mask;
  const std::uint64_t position = shape.mask_position + static_cast<std::uint64_t>(i * shape.num_keys);
  for (std::int64_t j = 0; j < width; ++j) row[j] *= local.factor(position + static_cast<std::uint64_t>(j));
}

// Gradient of the scores in place of that of the dropped weights: scale * w * (g - sum of g * w); 0 for hidden keys.
LLMTOOL_ALWAYS_INLINE void softmax_backward(const HeadShape& shape, const float* weights, const DropoutMask* mask,
                                            std::int64_t i, float* gradient) {
  const std::int64_t keys = visible_keys(shape, i);
  const std::int64_t width = padded(shape.num_keys);
  const float* row = weights + i * shape.num_keys;
  drop_weights(shape, mask, i, padded(keys), gradient);
  float sum = 0.0F;
  for (std::int64_t j = 0; j < keys; ++j) sum += gradient[j] * row[j];
  for (std::int64_t j = 0; j < keys; ++j) gradient[j] = row[j] * (gradient[j] - sum) * shape.scale;
  for (std::int64_t j = keys; j < width; ++j) gradient[j] = 0.0F;
}

// output [num_queries, width] = left [num_queries, head_size] * right [head_size, width], but for columns that no query
// of a band sees.
LLMTOOL_ALWAYS_INLINE void multiply_visible(const HeadShape& shape, const float* left, const float* right,
                                            std::int64_t width, float* output) {
  for_each_band(shape, shape.num_queries, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t columns = padded(visible_keys(shape, first + count - 1));
    multiply({left + first * shape.stride, shape.stride, 1}, right, width, output + first * width, width, count,
             columns, shape.head_size);
  });
}

// output [num_queries, head_size] = left [num_queries, width] * right [num_keys, head_size]; what a query does not see
// is 0 in its row of left, as far as the band's last query sees.
LLMTOOL_ALWAYS_INLINE void multiply_by_keys(const HeadShape& shape, const float* left, std::int64_t width,
                                            const float* right, float* output) {
  for_each_band(shape, shape.num_queries, [&](std::int64_t first, std::int64_t count) {
    multiply({left + first * width, width, 1}, right, shape.stride, output + first * shape.stride, shape.stride, count,
             shape.head_size, visible_keys(shape, first + count - 1));
  });
}

// output [num_keys, head_size] = transpose of left [num_queries, width] * right [num_queries, head_size].
LLMTOOL_ALWAYS_INLINE void multiply_by_queries(const HeadShape& shape, const float* left, std::int64_t width,
                                               const float* right, float* output) {
  for_each_band(shape, shape.num_keys, [&](std::int64_t first, std::int64_t count) {
    const std::int64_t query = first_query(shape, first);
    multiply({left + query * width + first, 1, width}, right + query * shape.stride, shape.stride,
             output + first * shape.stride, shape.stride, count, shape.head_size, shape.num_queries - query);
  });
}

void attend_head_fp32(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                      const DropoutMask* mask, float* weights, float* context, float* scratch) {
  const std::int64_t width = padded(shape.num_keys);
  float* transposed = scratch;                        // [head_size, width]
  float* scores = scratch + width * shape.head_size;  // [num_queries, width]
  transpose(keys, shape.stride, shape.num_keys, shape.head_size, transposed, width);
  multiply_visible(shape, queries, transposed, width, scores);
  for (std::int64_t i = 0; i < shape.num_queries; ++i) {
    float* row = scores + i * width;
    const std::int64_t visible = visible_keys(shape, i);
    softmax(row, visible, padded(visible), shape.scale);
    for (std::int64_t j = visible; j < width; ++j) row[j] = 0.0F;
    for (std::int64_t j = 0; j < shape.num_keys; ++j) weights[i * shape.num_keys + j] = row[j];
    drop_weights(shape, mask, i, padded(visible), row);
  }
  multiply_by_keys(shape, scores, width, values, context);
}

void attend_head_backward_fp32(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                               const DropoutMask* mask, const float* weights, const float* context_gradient,
                               const HeadGradients<float>& gradients, float* scratch) {
  const std::int64_t width = padded(shape.num_keys);
  float* transposed = scratch;                                  // [head_size, width]
  float* dropped = scratch + width * shape.head_size;           // [num_queries, width]
  float* score_gradient = dropped + width * shape.num_queries;  // [num_queries, width]
  for (std::int64_t i = 0; i < shape.num_queries; ++i) {
    float* row = dropped + i * width;
    for (std::int64_t j = 0; j < width; ++j) row[j] = j < shape.num_keys ? weights[i * shape.num_keys + j] : 0.0F;
    drop_weights(shape, mask, i, width, row);
  }
  multiply_by_queries(shape, dropped, width, context_gradient, gradients.values);
  transpose(values, shape.stride, shape.num_keys, shape.head_size, transposed, width);
  multiply_visible(shape, context_gradient, transposed, width, score_gradient);
  for (std::int64_t i = 0; i < shape.num_queries; ++i)
    softmax_backward(shape, weights, mask, i, score_gradient + i * width);
  multiply_by_keys(shape, score_gradient, width, keys, gradients.queries);
  multiply_by_queries(shape, score_gradient, width, queries, gradients.keys);
}

// Rows of a head that lie `stride` numbers apart, as floats behind each other; and back.
template <class T>
LLMTOOL_ALWAYS_INLINE void gather_rows(const T* rows, std::int64_t stride, std::int64_t num_rows,
                                       std::int64_t head_size, float* output) {
  for (std::int64_t i = 0; i < num_rows; ++i)
    for (std::int64_t j = 0; j < head_size; ++j) output[i * head_size + j] = to_float(rows[i * stride + j]);
}

template <class T>
LLMTOOL_ALWAYS_INLINE void scatter_rows(const float* input, std::int64_t stride, std::int64_t num_rows,
                                        std::int64_t head_size, T* rows) {
  for (std::int64_t i = 0; i < num_rows; ++i)
    for (std::int64_t j = 0; j < head_size; ++j) store(input[i * head_size + j], rows[i * stride + j]);
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

template <class T>
void attend_head(const HeadShape& shape, const T* queries, const T* keys, const T* values, const DropoutMask* mask,
                 float* weights, T* context, float* scratch) {
  if constexpr (std::is_same_v<T, float>) {
    attend_head_fp32(shape, queries, keys, values, mask, weights, context, scratch);
  } else {
    HeadShape packed = shape;
    packed.stride = shape.head_size;
    const std::int64_t query_size = shape.num_queries * shape.head_size;
    const std::int64_t key_size = shape.num_keys * shape.head_size;
    Scratch rest{scratch};
    float* q = rest.take(query_size);
    float* k = rest.take(key_size);
    float* v = rest.take(key_size);
    float* c = rest.take(query_size);
    gather_rows(queries, shape.stride, shape.num_queries, shape.head_size, q);
    gather_rows(keys, shape.stride, shape.num_keys, shape.head_size, k);
    gather_rows(values, shape.stride, shape.num_keys, shape.head_size, v);
    attend_head_fp32(packed, q, k, v, mask, weights, c, rest.next);
    scatter_rows(c, shape.stride, shape.num_queries, shape.head_size, context);
  }
}

template <class T>
void attend_head_backward(const HeadShape& shape, const T* queries, const T* keys, const T* values,
                          const DropoutMask* mask, const float* weights, const T* context_gradient,
                          const HeadGradients<T>& gradients, float* scratch) {
  if constexpr (std::is_same_v<T, float>) {
    attend_head_backward_fp32(shape, queries, keys, values, mask, weights, context_gradient, gradients, scratch);
  } else {
    HeadShape packed = shape;
    packed.stride = shape.head_size;
    const std::int64_t query_size = shape.num_queries * shape.head_size;
    const std::int64_t key_size = shape.num_keys * shape.head_size;
    Scratch rest{scratch};
    float* q = rest.take(query_size);
    float* k = rest.take(key_size);
    float* v = rest.take(key_size);
    float* g = rest.take(query_size);
    const HeadGradients<float> results = {rest.take(query_size), rest.take(key_size), rest.take(key_size)};
    gather_rows(queries, shape.stride, shape.num_queries, shape.head_size, q);
    gather_rows(keys, shape.stride, shape.num_keys, shape.head_size, k);
    gather_rows(values, shape.stride, shape.num_keys, shape.head_size, v);
    gather_rows(context_gradient, shape.stride, shape.num_queries, shape.head_size, g);
    attend_head_backward_fp32(packed, q, k, v, mask, weights, g, results, rest.next);
    scatter_rows(results.queries, shape.stride, shape.num_queries, shape.head_size, gradients.queries);
    scatter_rows(results.keys, shape.stride, shape.num_keys, shape.head_size, gradients.keys);
    scatter_rows(results.values, shape.stride, shape.num_keys, shape.head_size, gradients.values);
  }
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
