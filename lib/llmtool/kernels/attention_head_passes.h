// Included once per instruction set by cpu_kernels_*.cpp; see there.

#include <type_traits>

#include "llmtool/kernels/cpu_kernels.h"
#include "llmtool/kernels/elementary.h"
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

// Queries that share the bounds of their products.
struct Band {
  std::int64_t first;
  std::int64_t count;
  std::int64_t num_new_keys;  // that no earlier band sees
  std::int64_t num_keys;      // that any of its queries sees
};

template <class Action>
LLMTOOL_ALWAYS_INLINE void for_each_band(const HeadShape& shape, const Action& action) {
  const std::int64_t step = band_size(shape);
  std::int64_t seen = 0;
  for (std::int64_t first = 0; first < shape.num_queries; first += step) {
    const std::int64_t count = step < shape.num_queries - first ? step : shape.num_queries - first;
    const std::int64_t num_keys = visible_keys(shape, first + count - 1);
    action(Band{first, count, num_keys - seen, num_keys});
    seen = num_keys;
  }
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

// Gradient of query `i`'s scores in place of that of its dropped weights: scale * w * (g - sum of g * w); 0 for hidden
// ones among `num_keys`.
LLMTOOL_ALWAYS_INLINE void softmax_backward(const HeadShape& shape, const float* kept, float dropout_scale,
                                            std::int64_t i, std::int64_t num_keys, float* __restrict gradient) {
  const std::int64_t keys = visible_keys(shape, i);
  for (std::int64_t j = 0; j < keys; ++j) gradient[j] = kept[j] < 0.0F ? 0.0F : gradient[j] * dropout_scale;
  const float sum = dot_product(gradient, kept, keys);  // 0 times what is dropped
  for (std::int64_t j = 0; j < keys; ++j) gradient[j] = __builtin_fabsf(kept[j]) * (gradient[j] - sum) * shape.scale;
  for (std::int64_t j = keys; j < num_keys; ++j) gradient[j] = 0.0F;
}

// The part of a product that a band adds to output [num_keys, head_size]: the transpose of left [count, num_keys] times
// right [count, head_size].
void add_from_queries(const HeadShape& shape, const Band& band, const float* left, Rows right, MutableRows output) {
  const std::int64_t stride = row_stride(shape);
  const std::int64_t seen = band.num_keys - band.num_new_keys;
  multiply<Product::kAdded>({left, 1, stride}, right, output, seen, shape.head_size, band.count);
  multiply({left + seen, 1, stride}, right, {output.data + seen * output.stride, output.stride}, band.num_new_keys,
           shape.head_size, band.count);
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

// output [head_size, row_stride] = transpose of the keys or values [num_keys, head_size]; 0 beyond them, as far as
// products read.
template <class T>
float* transpose(const T* rows, const HeadShape& shape, Scratch& scratch) {
  const std::int64_t stride = row_stride(shape);
  float* output = scratch.take(shape.head_size * stride);
  for (std::int64_t j = 0; j < shape.head_size; ++j) {
    float* target = output + j * stride;
    for (std::int64_t i = 0; i < shape.num_keys; ++i) target[i] = to_float(rows[i * shape.strides.keys + j]);
    for (std::int64_t i = shape.num_keys; i < padded(shape.num_keys); ++i) target[i] = 0.0F;
  }
  return output;
}

// Rows of a head among those of a batch.
template <class T>
struct HeadRows {
  T* data;
  std::int64_t count;
  std::int64_t size;    // numbers of a row
  std::int64_t stride;  // from one row to the next
};
template <class T>
HeadRows<T> query_rows_of(const HeadShape& shape, T* data) {
  return {data, shape.num_queries, shape.head_size, shape.strides.queries};
}
template <class T>
HeadRows<T> key_rows_of(const HeadShape& shape, T* data) {
  return {data, shape.num_keys, shape.head_size, shape.strides.keys};
}
template <class T>
HeadRows<T> context_rows_of(const HeadShape& shape, T* data) {
  return {data, shape.num_queries, shape.head_size, shape.strides.context};
}

// The rows of a head as floats behind each other. A copy even of floats: rows of a batch lie so far apart that those of
// one head share few sets of the cache, and they are read many times.
template <class T>
Rows gather(HeadRows<const T> rows, Scratch& scratch) {
  float* output = scratch.take(rows.count * rows.size);
  for (std::int64_t i = 0; i < rows.count; ++i)
    for (std::int64_t j = 0; j < rows.size; ++j) output[i * rows.size + j] = to_float(rows.data[i * rows.stride + j]);
  return {output, rows.size};
}

// Results of a head, written to their place or, where they are to be bf16 or added to, to scratch memory first.
template <class T>
class Results {
 public:
  Results(HeadRows<T> rows, bool is_added_to, Scratch& scratch)
      : rows_(rows), is_copied_(is_added_to || !std::is_same_v<T, float>) {
    if constexpr (std::is_same_v<T, float>) target_ = {rows.data, rows.stride};
    if (is_copied_) target_ = {scratch.take(rows.count * rows.size), rows.size};
  }
  MutableRows target() const { return target_; }
  void finish() const {
    if (!is_copied_) return;
    for (std::int64_t i = 0; i < rows_.count; ++i)
      for (std::int64_t j = 0; j < rows_.size; ++j)
        store(target_.data[i * target_.stride + j], rows_.data[i * rows_.stride + j]);
  }

 private:
  HeadRows<T> rows_;
  bool is_copied_;
  MutableRows target_ = {};
};

// Rows from the `first` on.
Rows rows_from(Rows rows, std::int64_t first) { return {rows.data + first * rows.stride, rows.stride}; }
MutableRows rows_from(MutableRows rows, std::int64_t first) { return {rows.data + first * rows.stride, rows.stride}; }
MatrixView as_left(Rows rows) { return {rows.data, rows.stride, 1}; }

// Softmax and dropout of query `i`'s scores in place; 0 for hidden ones among `num_keys`. `kept`, where the backward
// pass finds the weights, may be null.
LLMTOOL_ALWAYS_INLINE void finish_weights(const HeadShape& shape, const DropoutMask* mask, std::int64_t i,
                                          std::int64_t num_keys, float* row, float* kept) {
  const std::int64_t visible = visible_keys(shape, i);
  softmax(row, visible, shape.scale);
  for (std::int64_t j = visible; j < num_keys; ++j) row[j] = 0.0F;
  if (kept == nullptr && mask == nullptr) return;
  float* weights = kept == nullptr ? row : kept;
  keep_weights(shape, mask, i, row, weights);
  if (mask != nullptr) drop_weights(weights, visible, mask->scale, row);
}

template <class T>
void attend_head(const HeadShape& shape, const T* queries, const T* keys, const T* values, const DropoutMask* mask,
                 float* weights, T* context, float* scratch) {
  const std::int64_t stride = row_stride(shape);
  Scratch rest{scratch};
  float* scores = rest.take(band_size(shape) * stride);
  const float* transposed_keys = transpose(keys, shape, rest);
  const Rows query_rows = gather(query_rows_of(shape, queries), rest);
  const Rows value_rows = gather(key_rows_of(shape, values), rest);
  const Results<T> results(context_rows_of(shape, context), /*is_added_to=*/false, rest);
  for_each_band(shape, [&](const Band& band) {
    multiply(as_left(rows_from(query_rows, band.first)), {transposed_keys, stride}, {scores, stride}, band.count,
             padded(band.num_keys), shape.head_size);
    for (std::int64_t i = 0; i < band.count; ++i) {
      const std::int64_t query = band.first + i;
      finish_weights(shape, mask, query, band.num_keys, scores + i * stride,
                     weights == nullptr ? nullptr : weights + query * shape.num_keys);
    }
    multiply(as_left({scores, stride}), value_rows, rows_from(results.target(), band.first), band.count,
             shape.head_size, band.num_keys);
  });
  results.finish();
}

template <class T>
void attend_head_backward(const HeadShape& shape, const T* queries, const T* keys, const T* values,
                          const DropoutMask* mask, const float* weights, const T* context_gradient,
                          const HeadGradients<T>& gradients, float* scratch) {
  const std::int64_t stride = row_stride(shape);
  Scratch rest{scratch};
  float* dropped = rest.take(band_size(shape) * stride);
  float* score_gradient = rest.take(band_size(shape) * stride);
  const float* transposed_values = transpose(values, shape, rest);
  const Rows gradient_rows = gather(context_rows_of(shape, context_gradient), rest);
  const Rows query_rows = gather(query_rows_of(shape, queries), rest);
  const Rows key_rows = gather(key_rows_of(shape, keys), rest);
  const bool has_bands = band_size(shape) < shape.num_queries;
  const Results<T> query_gradients(query_rows_of(shape, gradients.queries), /*is_added_to=*/false, rest);
  const Results<T> key_gradients(key_rows_of(shape, gradients.keys), has_bands, rest);
  const Results<T> value_gradients(key_rows_of(shape, gradients.values), has_bands, rest);
  for_each_band(shape, [&](const Band& band) {
    const float* kept = weights + band.first * shape.num_keys;
    const Rows gradient = rows_from(gradient_rows, band.first);
    for (std::int64_t i = 0; i < band.count; ++i)
      drop_weights(kept + i * shape.num_keys, band.num_keys, scale_of(mask), dropped + i * stride);
    add_from_queries(shape, band, dropped, gradient, value_gradients.target());
    multiply(as_left(gradient), {transposed_values, stride}, {score_gradient, stride}, band.count,
             padded(band.num_keys), shape.head_size);
    for (std::int64_t i = 0; i < band.count; ++i)
      softmax_backward(shape, kept + i * shape.num_keys, scale_of(mask), band.first + i, band.num_keys,
                       score_gradient + i * stride);
    multiply(as_left({score_gradient, stride}), key_rows, rows_from(query_gradients.target(), band.first), band.count,
             shape.head_size, band.num_keys);
    add_from_queries(shape, band, score_gradient, rows_from(query_rows, band.first), key_gradients.target());
  });
  for (const Results<T>* results : {&query_gradients, &key_gradients, &value_gradients}) results->finish();
}

}  // namespace
}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
