// Included once per instruction set, with LLMTOOL_INSTRUCTION_SET naming the namespace, by files compiled for that set.
// Everything here is inlined or in that namespace: an inline function of a library could be emitted for the wrong set.

#include "llmtool/kernels/attention_head.h"
#include "llmtool/kernels/small_matrix.h"

namespace llmtool::LLMTOOL_INSTRUCTION_SET {
namespace {

LLMTOOL_ALWAYS_INLINE std::int64_t padded(std::int64_t size) { return (size + kLanes - 1) / kLanes * kLanes; }

// exp(min(x, 0)) to 2 units in the last place: 2^n times a polynomial on [-ln2/2, ln2/2] (Cephes, expf).
LLMTOOL_ALWAYS_INLINE float exponential(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 0.0F ? 0.0F : x;
  const float shifted = x * 1.44269504F + 12582912.0F;  // rounds to an integer in the low bits
  const float n = shifted - 12582912.0F;
  const float r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  float sum = 1.9875691500e-4F;
  sum = sum * r + 1.3981999507e-3F;
  sum = sum * r + 8.3334519073e-3F;
  sum = sum * r + 4.1665795894e-2F;
  sum = sum * r + 1.6666665459e-1F;
  sum = sum * r + 5.0000001201e-1F;
  sum = sum * r * r + r + 1.0F;
  const auto exponent = (__builtin_bit_cast(std::int32_t, shifted) - __builtin_bit_cast(std::int32_t, 12582912.0F))
                        << 23;
  return __builtin_bit_cast(float, __builtin_bit_cast(std::int32_t, sum) + exponent);
}

// In place over `size` scores of a row of `width`. Loops over the whole width need no remainder; what they leave in the
// slots beyond `size` is finite and without meaning.
LLMTOOL_ALWAYS_INLINE void softmax(float* row, std::int64_t size, std::int64_t width, float scale) {
  float largest = row[0];
  for (std::int64_t j = 1; j < size; ++j) largest = row[j] > largest ? row[j] : largest;
  for (std::int64_t j = 0; j < width; ++j) row[j] = exponential((row[j] - largest) * scale);
  float sum = 0.0F;
  for (std::int64_t j = 0; j < size; ++j) sum += row[j];
  const float inverse = 1.0F / sum;
  for (std::int64_t j = 0; j < width; ++j) row[j] *= inverse;
}

// Applies the mask to query `i`'s row of `width`.
LLMTOOL_ALWAYS_INLINE void drop(const HeadShape& shape, const DropoutMask* mask, std::int64_t i, std::int64_t width,
                                float* row) {
  if (mask == nullptr) return;
  const DropoutMask local = *mask;
  const std::uint64_t position = shape.mask_position + static_cast<std::uint64_t>(i * shape.num_keys);
  for (std::int64_t j = 0; j < width; ++j) row[j] *= local.factor(position + static_cast<std::uint64_t>(j));
}

// Gradient of the scores in place of that of the dropped weights: scale * w * (g - sum of g * w).
LLMTOOL_ALWAYS_INLINE void softmax_backward(const HeadShape& shape, const float* weights, const DropoutMask* mask,
                                            std::int64_t i, float* gradient) {
  const std::int64_t keys = shape.num_keys;
  const float* row = weights + i * keys;
  drop(shape, mask, i, padded(keys), gradient);
  float sum = 0.0F;
  for (std::int64_t j = 0; j < keys; ++j) sum += gradient[j] * row[j];
  for (std::int64_t j = 0; j < keys; ++j) gradient[j] = row[j] * (gradient[j] - sum) * shape.scale;
}

}  // namespace

void attend_head(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                 const DropoutMask* mask, float* weights, float* context, float* scratch) {
  const std::int64_t width = padded(shape.num_keys);
  float* transposed = scratch;                        // [head_size, width]
  float* scores = scratch + width * shape.head_size;  // [num_queries, width]
  transpose(keys, shape.stride, shape.num_keys, shape.head_size, transposed, width);
  multiply({queries, shape.stride, 1}, transposed, width, scores, width, shape.num_queries, width, shape.head_size);
  for (std::int64_t i = 0; i < shape.num_queries; ++i) {
    float* row = scores + i * width;
    softmax(row, shape.num_keys, width, shape.scale);
    for (std::int64_t j = 0; j < shape.num_keys; ++j) weights[i * shape.num_keys + j] = row[j];
    drop(shape, mask, i, width, row);
  }
  multiply({scores, width, 1}, values, shape.stride, context, shape.stride, shape.num_queries, shape.head_size,
           shape.num_keys);
}

void attend_head_backward(const HeadShape& shape, const float* queries, const float* keys, const float* values,
                          const DropoutMask* mask, const float* weights, const float* context_gradient,
                          const HeadGradients& gradients, float* scratch) {
  const std::int64_t width = padded(shape.num_keys);
  float* transposed = scratch;                                  // [head_size, width]
  float* dropped = scratch + width * shape.head_size;           // [num_queries, width]
  float* score_gradient = dropped + width * shape.num_queries;  // [num_queries, width]
  for (std::int64_t i = 0; i < shape.num_queries; ++i) {
    float* row = dropped + i * width;
    for (std::int64_t j = 0; j < width; ++j) row[j] = j < shape.num_keys ? weights[i * shape.num_keys + j] : 0.0F;
    drop(shape, mask, i, width, row);
  }
  multiply({dropped, 1, width}, context_gradient, shape.stride, gradients.values, shape.stride, shape.num_keys,
           shape.head_size, shape.num_queries);
  transpose(values, shape.stride, shape.num_keys, shape.head_size, transposed, width);
  multiply({context_gradient, shape.stride, 1}, transposed, width, score_gradient, width, shape.num_queries, width,
           shape.head_size);
  for (std::int64_t i = 0; i < shape.num_queries; ++i)
    softmax_backward(shape, weights, mask, i, score_gradient + i * width);
  multiply({score_gradient, width, 1}, keys, shape.stride, gradients.queries, shape.stride, shape.num_queries,
           shape.head_size, shape.num_keys);
  multiply({score_gradient, 1, width}, queries, shape.stride, gradients.keys, shape.stride, shape.num_keys,
           shape.head_size, shape.num_queries);
}

}  // namespace llmtool::LLMTOOL_INSTRUCTION_SET
