#include "llmtool/kernels/cpu_kernels.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "../support/guarded_tensors.h"
#include "../support/rounds.h"
#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {

namespace wide {
extern const CpuKernels kernels;
}

namespace {

using testing::GuardedEnd;

// Every instruction set of this machine and wide vectors on any, with both number types. Operands lie between pages
// that nothing may touch, one time at the first of them, one time at the last, and can only be read.
template <class Action>
void for_each_kernel_set(const Action& action) {
  static int num_calls = 0;
  const GuardedEnd end = ++num_calls % 2 == 0 ? GuardedEnd::kFirst : GuardedEnd::kLast;
  std::vector<const CpuKernels*> all = runnable_cpu_kernels();
  all.push_back(&wide::kernels);
  for (const CpuKernels* kernels : all) {
    INFO(kernels->instruction_set << (end == GuardedEnd::kFirst ? ", guarded before" : ", guarded behind"));
    action(kernels->fp32, at::kFloat, end);
    action(kernels->bf16, at::kBFloat16, end);
  }
}

at::Tensor floats(std::int64_t size, GuardedEnd end) { return testing::guarded_result({size}, at::kFloat, end); }

// Relative to the largest number where that is above 1. NaN where there is one.
double largest_difference(const at::Tensor& found, const at::Tensor& expected) {
  const at::Tensor exact = expected.detach().to(at::kDouble);
  return (found.to(at::kDouble) - exact).abs().max().item<double>() / std::max(1.0, exact.abs().max().item<double>());
}

// Rounding of a result of about 1.
double tolerance(at::ScalarType type) { return type == at::kFloat ? 2e-6 : 1e-2; }

template <class T>
constexpr bool kIsFloat = std::is_same_v<T, float>;

TEST_CASE("bf16 numbers are rounded as ATen's") {
  const at::Tensor values =
      at::cat({at::randn({4000}), at::tensor({0.0, -0.0, 1.00390625, 1.01171875, 3.4e38, 1e-40})});
  const at::Tensor expected = values.to(at::kBFloat16);
  for (std::int64_t i = 0; i < values.numel(); ++i) {
    Bf16 rounded{};
    store(values[i].item<float>(), rounded);
    REQUIRE(to_float(rounded) == expected[i].item<float>());
  }
  Bf16 nan{};
  store(std::numeric_limits<float>::quiet_NaN(), nan);
  CHECK(std::isnan(to_float(nan)));
  store(__builtin_bit_cast(float, 0x7f800001U), nan);  // only the lowest bit says it is no infinity
  CHECK(std::isnan(to_float(nan)));
}

template <class T>
void check_gelu(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, std::int64_t size) {
  const at::Tensor special = at::tensor({0.0, -30.0, 30.0, -5.5, 1e-8});
  const at::Tensor input =
      testing::guarded_operand(at::cat({special, at::randn({size}) * 3}).slice(0, 0, size).to(type), end);
  const at::Tensor gradient = testing::guarded_operand(at::randn({size}).to(type), end);
  const at::Tensor output = testing::guarded_result({size}, type, end);
  const at::Tensor result = testing::guarded_result({size}, type, end);
  kernels.gelu(elements<T>(input), mutable_elements<T>(output), size);
  kernels.gelu_backward(elements<T>(input), elements<T>(gradient), mutable_elements<T>(result), size);
  const at::Tensor exact = input.to(at::kDouble);
  CHECK(largest_difference(output, at::gelu(exact)) < (kIsFloat<T> ? 1e-6 : 0.02));
  CHECK(largest_difference(result, at::gelu_backward(gradient.to(at::kDouble), exact)) < (kIsFloat<T> ? 1e-6 : 0.02));
}

TEST_CASE("GELU and its gradient equal ATen's in every instruction set") {
  at::manual_seed(1);
  for_each_kernel_set([](const auto& kernels, auto... how) { check_gelu(kernels, how..., 1004); });
}

template <class T>
void check_gated_gelu(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, std::int64_t size) {
  const at::Tensor input = testing::guarded_operand(at::randn({2 * size}).to(type), end);
  const at::Tensor gradient = testing::guarded_operand(at::randn({size}).to(type), end);
  const at::Tensor output = testing::guarded_result({size}, type, end);
  const at::Tensor result = testing::guarded_result({2 * size}, type, end);
  kernels.gated_gelu(elements<T>(input), mutable_elements<T>(output), size);
  kernels.gated_gelu_backward(elements<T>(input), elements<T>(gradient), mutable_elements<T>(result), size);
  const at::Tensor exact = input.to(at::kDouble).set_requires_grad(true);
  const at::Tensor expected = at::gelu(exact.narrow(0, 0, size)) * exact.narrow(0, size, size);
  expected.backward(gradient.to(at::kDouble));
  CHECK(largest_difference(output, expected) < 4 * tolerance(type));
  CHECK(largest_difference(result, exact.grad()) < 4 * tolerance(type));
}

TEST_CASE("Gated GELU and its gradient equal ATen's in every instruction set") {
  at::manual_seed(6);
  for_each_kernel_set([](const auto& kernels, auto... how) { check_gated_gelu(kernels, how..., 77); });
}

template <class T>
void check_rotation(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, std::int64_t heads,
                    std::int64_t half) {
  const at::Tensor angles = at::randn({half});
  const at::Tensor cosines = testing::guarded_operand(angles.cos(), end);
  const at::Tensor sines = testing::guarded_operand(angles.sin(), end);
  const Rotation rotation{elements<float>(cosines), elements<float>(sines), half};
  const at::Tensor input = testing::guarded_operand(at::randn({heads, 2, half}).to(type), end);
  const at::Tensor turned = testing::guarded_result(input.sizes(), type, end);
  const at::Tensor back = testing::guarded_result(input.sizes(), type, end);
  kernels.rotate(elements<T>(input), mutable_elements<T>(turned), input.numel(), rotation, 1.0F);
  kernels.rotate(elements<T>(turned), mutable_elements<T>(back), input.numel(), rotation, -1.0F);
  const at::Tensor first = input.select(1, 0).to(at::kDouble);
  const at::Tensor second = input.select(1, 1).to(at::kDouble);
  CHECK(largest_difference(turned.select(1, 0), first * cosines - second * sines) < 2 * tolerance(type));
  CHECK(largest_difference(turned.select(1, 1), second * cosines + first * sines) < 2 * tolerance(type));
  CHECK(largest_difference(back, input) < 4 * tolerance(type));
}

TEST_CASE("Heads are turned by their angles and back in every instruction set") {
  at::manual_seed(7);
  for (const std::int64_t half : {1, 5, 32})
    for_each_kernel_set([&](const auto& kernels, auto... how) { check_rotation(kernels, how..., 3, half); });
}

template <class T>
void check_column_sums(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, std::int64_t num_rows,
                       std::int64_t num_columns, std::int64_t division) {
  const at::Tensor rows = testing::guarded_operand(at::randn({num_rows, num_columns}).to(type), end);
  const at::Tensor sums = floats(num_columns, end);
  for (const auto& [first, last] : {std::pair<std::int64_t, std::int64_t>(0, division), {division, num_columns}})
    kernels.sum_columns(elements<T>(rows), num_rows, num_columns, first, last, mutable_elements<float>(sums));
  CHECK(largest_difference(sums, rows.to(at::kDouble).sum(0)) < 2e-5);
  const at::Tensor at_once = floats(num_columns, end);
  kernels.sum_columns(elements<T>(rows), num_rows, num_columns, 0, num_columns, mutable_elements<float>(at_once));
  CHECK(at_once.equal(sums));
}

TEST_CASE("Column sums equal ATen's in every instruction set, however columns are divided") {
  at::manual_seed(5);
  for (const std::int64_t num_columns : {7, 64, 130, 384})
    for_each_kernel_set(
        [&](const auto& kernels, auto... how) { check_column_sums(kernels, how..., 301, num_columns, 5); });
}

// What dropout multiplies elements by, from a position on.
at::Tensor dropout_factors(at::IntArrayRef sizes, const DropoutMask* mask, std::uint64_t first = 0) {
  at::Tensor factors = at::ones(sizes, at::kDouble);
  auto* const values = factors.mutable_data_ptr<double>();
  for (std::int64_t i = 0; mask != nullptr && i < factors.numel(); ++i)
    values[i] = mask->factor(first + static_cast<std::uint64_t>(i));
  return factors;
}

template <class T>
void check_residual_norm(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, std::int64_t num_rows,
                         std::int64_t size, const DropoutMask* mask) {
  const auto draw = [&] { return testing::guarded_operand(at::randn({num_rows, size}).to(type), end); };
  const auto result = [&] { return testing::guarded_result({num_rows, size}, type, end); };
  const at::Tensor update = draw();
  const at::Tensor residual = draw();
  const at::Tensor gradient = draw();
  const at::Tensor weight = testing::guarded_operand(at::randn({size}), end);
  const at::Tensor bias = testing::guarded_operand(at::randn({size}), end);
  const at::Tensor output = result();
  const at::Tensor sum = result();
  const at::Tensor mean = floats(num_rows, end);
  const at::Tensor deviation = floats(num_rows, end);
  const at::Tensor scratch = floats(2 * size, end);
  kernels.residual_norm({elements<T>(update), elements<T>(residual), elements<float>(weight), elements<float>(bias),
                         mask, size, 1e-5F, mutable_elements<T>(sum), mutable_elements<float>(mean),
                         mutable_elements<float>(deviation), mutable_elements<T>(output)},
                        0, num_rows, mutable_elements<float>(scratch));
  const at::Tensor factors = dropout_factors({num_rows, size}, mask);
  const at::Tensor total = update.to(at::kDouble) * factors + residual.to(at::kDouble);
  const auto [expected, expected_mean, expected_deviation] =
      at::native_layer_norm(total, {size}, weight.to(at::kDouble), bias.to(at::kDouble), 1e-5);
  CHECK(largest_difference(output, expected) < 8 * tolerance(type));
  CHECK(largest_difference(mean, expected_mean.view(-1)) < 1e-5);

  const at::Tensor residual_gradient = result();
  const at::Tensor update_gradient = result();
  const at::Tensor weight_gradient = floats(size, end).zero_();
  const at::Tensor bias_gradient = floats(size, end).zero_();
  kernels.residual_norm_backward({elements<T>(gradient), elements<T>(sum), elements<float>(mean),
                                  elements<float>(deviation), elements<float>(weight), mask, size,
                                  mutable_elements<T>(residual_gradient), mutable_elements<T>(update_gradient)},
                                 0, num_rows, mutable_elements<float>(weight_gradient),
                                 mutable_elements<float>(bias_gradient), mutable_elements<float>(scratch));
  const auto [expected_input, expected_weight, expected_bias] =
      at::native_layer_norm_backward(gradient.to(at::kDouble), total, {size}, expected_mean, expected_deviation,
                                     weight.to(at::kDouble), bias.to(at::kDouble), {true, true, true});
  CHECK(largest_difference(residual_gradient, expected_input) < 8 * tolerance(type));
  if (mask != nullptr) CHECK(largest_difference(update_gradient, expected_input * factors) < 8 * tolerance(type));
  CHECK(largest_difference(weight_gradient, expected_weight) < 8 * tolerance(type));
  CHECK(largest_difference(bias_gradient, expected_bias) < 8 * tolerance(type));
}

// Sizes with and without a remainder beside the vector lanes.
TEST_CASE("The residual norm and its gradients equal ATen's in every instruction set") {
  at::manual_seed(2);
  const DropoutMask mask(17, 0.25);
  for (const std::int64_t size : {16, 384, 41})
    for (const DropoutMask* chosen : {static_cast<const DropoutMask*>(nullptr), &mask})
      for_each_kernel_set([&](const auto& kernels, auto... how) {
        INFO(size << (chosen == nullptr ? " without" : " with") << " dropout");
        check_residual_norm(kernels, how..., 7, size, chosen);
      });
}

struct HeadSizes {
  std::int64_t queries, keys, head;
  bool is_causal;
};

template <class T>
void check_head(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, const HeadSizes& sizes,
                const HeadStrides& strides, const DropoutMask* mask) {
  const auto draw = [&](std::int64_t rows, std::int64_t stride) {
    return testing::guarded_operand(at::randn({rows, sizes.head}).to(type), end, stride);
  };
  const auto result = [&](std::int64_t rows, std::int64_t stride) {
    return testing::guarded_result({rows, sizes.head}, type, end, stride);
  };
  const at::Tensor q = draw(sizes.queries, strides.queries);
  const at::Tensor k = draw(sizes.keys, strides.keys);
  const at::Tensor v = draw(sizes.keys, strides.keys);
  const at::Tensor g = draw(sizes.queries, strides.context);
  const at::Tensor context = result(sizes.queries, strides.context);
  const at::Tensor kept = testing::guarded_result({sizes.queries, sizes.keys}, at::kFloat, end);
  const std::vector<at::Tensor> results = {result(sizes.queries, strides.queries), result(sizes.keys, strides.keys),
                                           result(sizes.keys, strides.keys)};
  const float scale = 1.0F / std::sqrt(static_cast<float>(sizes.head));
  constexpr std::uint64_t kPosition = 0xffffffffU - 20;  // the positions of some weights need more than 32 bits
  const HeadShape shape{sizes.queries, sizes.keys, sizes.head, strides, scale, kPosition, sizes.is_causal};
  const at::Tensor scratch = floats(head_scratch_size(shape), end);
  kernels.attend_head(shape, elements<T>(q), elements<T>(k), elements<T>(v), mask, mutable_elements<float>(kept),
                      mutable_elements<T>(context), mutable_elements<float>(scratch));
  const at::Tensor without_weights = result(sizes.queries, strides.context);
  kernels.attend_head(shape, elements<T>(q), elements<T>(k), elements<T>(v), mask, nullptr,
                      mutable_elements<T>(without_weights), mutable_elements<float>(scratch));
  CHECK(without_weights.equal(context));
  const at::Tensor weights = testing::guarded_operand(kept, end);
  kernels.attend_head_backward(
      shape, elements<T>(q), elements<T>(k), elements<T>(v), mask, elements<float>(weights), elements<T>(g),
      {mutable_elements<T>(results[0]), mutable_elements<T>(results[1]), mutable_elements<T>(results[2])},
      mutable_elements<float>(scratch));
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : {q, k, v}) leaves.push_back(input.to(at::kDouble).set_requires_grad(true));
  at::Tensor scores = leaves[0].mm(leaves[1].t()) * scale;
  const at::Tensor later = at::ones_like(scores).triu(sizes.keys - sizes.queries + 1).to(at::kBool);
  if (sizes.is_causal) scores = scores.masked_fill(later, -INFINITY);
  const at::Tensor expected =
      at::softmax(scores, -1).mul(dropout_factors(scores.sizes(), mask, kPosition)).mm(leaves[2]);
  expected.backward(g.to(at::kDouble));
  CHECK(largest_difference(context, expected) < 4 * tolerance(type));
  CHECK(testing::has_nan_between_rows(context));
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    CHECK(largest_difference(results[i], leaves[i].grad()) < 8 * tolerance(type));
    CHECK(testing::has_nan_between_rows(results[i]));
  }
}

TEST_CASE("Attention of a head and its gradients equal ATen's in every instruction set") {
  at::manual_seed(3);
  const DropoutMask mask(23, 0.3);
  for (HeadSizes sizes : std::vector<HeadSizes>{{1, 1, 32},
                                                {14, 14, 48},
                                                {1, 19, 32},
                                                {33, 48, 16},
                                                {65, 65, 64},
                                                {35, 35, 80},
                                                {130, 260, 32},
                                                {30, 1400, 16}})
    for (const bool is_causal : {false, true})
      for (const DropoutMask* chosen : {static_cast<const DropoutMask*>(nullptr), &mask}) {
        sizes.is_causal = is_causal;
        INFO(sizes.queries << " queries, " << sizes.keys << " keys of " << sizes.head << (is_causal ? ", causal" : "")
                           << (chosen == nullptr ? "" : ", dropout"));
        // Every operand among other columns of its rows, and gradients at strides of their operands.
        const HeadStrides strides{sizes.head + 32, sizes.head + 5, sizes.head + 1};
        for_each_kernel_set(
            [&](const auto& kernels, auto... how) { check_head(kernels, how..., sizes, strides, chosen); });
      }
}

template <class T>
void check_drop(const ElementKernels<T>& kernels, at::ScalarType type, GuardedEnd end, std::int64_t first,
                std::int64_t last) {
  const at::Tensor input = testing::guarded_operand(at::randn({last}).to(type), end);
  const at::Tensor output = testing::guarded_result({last}, type, end);
  const DropoutMask mask(5, 0.5);
  kernels.drop(elements<T>(input), mutable_elements<T>(output), first, last, mask);
  CHECK(output.narrow(0, 0, first).isnan().all().item<bool>());
  const at::Tensor expected = (input * dropout_factors({last}, &mask)).to(type);
  CHECK(output.narrow(0, first, last - first).equal(expected.narrow(0, first, last - first)));
}

TEST_CASE("Dropping follows the mask in every instruction set") {
  at::manual_seed(4);
  for_each_kernel_set([](const auto& kernels, auto... how) { check_drop(kernels, how..., 3, 1003); });
}

// Sizes of which the small ones are as likely as the large ones.
class RandomSizes {
 public:
  explicit RandomSizes(std::uint64_t seed) : random_(seed) {}

  std::int64_t up_to(std::int64_t largest) {
    std::uniform_real_distribution<double> exponent(0.0, std::log(static_cast<double>(largest) + 1.0));
    return std::min(largest, static_cast<std::int64_t>(std::exp(exponent(random_))));
  }
  std::int64_t below(std::int64_t bound) { return std::uniform_int_distribution<std::int64_t>(0, bound - 1)(random_); }
  bool is_heads() { return below(2) == 0; }

 private:
  std::mt19937_64 random_;
};

constexpr std::int64_t kLongest = 1100;

TEST_CASE("Kernels of every instruction set compute random shapes and touch nothing beside their operands") {
  const std::uint64_t seed = testing::first_seed();
  RandomSizes sizes(seed);
  at::manual_seed(seed);
  for (std::int64_t round = 0; round < testing::num_rounds(8); ++round) {
    const std::int64_t rows = sizes.up_to(kLongest);
    const std::int64_t size = sizes.up_to(3 * kLongest);
    const std::int64_t division = sizes.below(size + 1);
    const std::int64_t half = sizes.up_to(64);
    const std::int64_t heads = sizes.up_to(16);
    const DropoutMask mask(sizes.below(1 << 30), 0.1);
    const DropoutMask* const chosen = sizes.is_heads() ? &mask : nullptr;
    INFO("seed " << seed << ", round " << round << ": " << rows << " rows of " << size << ", division " << division
                 << ", " << heads << " heads of " << 2 * half << (chosen == nullptr ? "" : ", dropout"));
    for_each_kernel_set([&](const auto& kernels, auto... how) {
      check_gelu(kernels, how..., size);
      check_gated_gelu(kernels, how..., size);
      check_rotation(kernels, how..., heads, half);
      check_column_sums(kernels, how..., std::min(rows, 100'000 / size + 1), size, division);
      // The variance of a few numbers may be next to nothing, and its rounding errors anything.
      check_residual_norm(kernels, how..., std::min(rows, 100'000 / size + 1), std::max(size, kLanes), chosen);
      check_drop(kernels, how..., std::min(division, size - 1), size);
    });
  }
}

TEST_CASE("Attention of every instruction set computes random shapes and touches nothing beside its operands") {
  const std::uint64_t seed = testing::first_seed();
  RandomSizes sizes(seed);
  at::manual_seed(seed);
  for (std::int64_t round = 0; round < testing::num_rounds(8); ++round) {
    HeadSizes head{sizes.up_to(kLongest), sizes.up_to(kLongest), kLanes * sizes.up_to(6), sizes.is_heads()};
    if (sizes.is_heads()) head.queries = head.keys;
    if (sizes.below(6) == 0) head.queries = 1;  // of a last layer that is wanted for first tokens only
    if (head.is_causal) head.queries = std::min(head.queries, head.keys);
    const auto stride = [&] { return head.head * (1 + sizes.below(4)) + (sizes.is_heads() ? sizes.below(40) : 0); };
    const HeadStrides strides{stride(), stride(), stride()};
    const DropoutMask mask(sizes.below(1 << 30), 0.1);
    const DropoutMask* const chosen = sizes.is_heads() ? &mask : nullptr;
    INFO("seed " << seed << ", round " << round << ": " << head.queries << " queries, " << head.keys << " keys of "
                 << head.head << ", strides " << strides.queries << " " << strides.keys << " " << strides.context
                 << (head.is_causal ? ", causal" : "") << (chosen == nullptr ? "" : ", dropout"));
    for_each_kernel_set([&](const auto& kernels, auto... how) { check_head(kernels, how..., head, strides, chosen); });
  }
}

}  // namespace
}  // namespace llmtool
