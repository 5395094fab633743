#include "llmtool/kernels/cpu_kernels.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <vector>

#include "llmtool/kernels/tensor_elements.h"

namespace llmtool {

namespace wide {
extern const CpuKernels kernels;
}

namespace {

// Every instruction set of this machine and wide vectors on any, with both number types.
template <class Action>
void for_each_kernel_set(const Action& action) {
  std::vector<const CpuKernels*> all = runnable_cpu_kernels();
  all.push_back(&wide::kernels);
  for (const CpuKernels* kernels : all) {
    INFO(kernels->instruction_set);
    action(kernels->fp32, at::kFloat);
    action(kernels->bf16, at::kBFloat16);
  }
}

double largest_difference(const at::Tensor& left, const at::Tensor& right) {
  return (left.to(at::kDouble) - right.to(at::kDouble)).abs().max().item<double>();
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
void check_gelu(const ElementKernels<T>& kernels, at::ScalarType type) {
  const at::Tensor input = at::cat({at::randn({999}) * 3, at::tensor({0.0, -30.0, 30.0, -5.5, 1e-8})}).to(type);
  const at::Tensor gradient = at::randn(input.sizes()).to(type);
  const at::Tensor output = at::empty_like(input);
  const at::Tensor result = at::empty_like(input);
  kernels.gelu(elements<T>(input), mutable_elements<T>(output), input.numel());
  kernels.gelu_backward(elements<T>(input), elements<T>(gradient), mutable_elements<T>(result), input.numel());
  const at::Tensor exact = input.to(at::kDouble);
  CHECK(largest_difference(output, at::gelu(exact)) < (kIsFloat<T> ? 1e-6 : 0.07));
  CHECK(largest_difference(result, at::gelu_backward(gradient.to(at::kDouble), exact)) < (kIsFloat<T> ? 1e-6 : 0.02));
}

TEST_CASE("GELU and its gradient equal ATen's in every instruction set") {
  at::manual_seed(1);
  for_each_kernel_set([](const auto& kernels, at::ScalarType type) { check_gelu(kernels, type); });
}

template <class T>
void check_gated_gelu(const ElementKernels<T>& kernels, at::ScalarType type) {
  constexpr std::int64_t kSize = 77;
  const at::Tensor input = at::randn({2 * kSize}).to(type);
  const at::Tensor gradient = at::randn({kSize}).to(type);
  const at::Tensor output = at::empty_like(gradient);
  const at::Tensor result = at::empty_like(input);
  kernels.gated_gelu(elements<T>(input), mutable_elements<T>(output), kSize);
  kernels.gated_gelu_backward(elements<T>(input), elements<T>(gradient), mutable_elements<T>(result), kSize);
  const at::Tensor exact = input.to(at::kDouble).set_requires_grad(true);
  const at::Tensor expected = at::gelu(exact.narrow(0, 0, kSize)) * exact.narrow(0, kSize, kSize);
  expected.backward(gradient.to(at::kDouble));
  CHECK(largest_difference(output, expected) < 4 * tolerance(type));
  CHECK(largest_difference(result, exact.grad()) < 4 * tolerance(type));
}

TEST_CASE("Gated GELU and its gradient equal ATen's in every instruction set") {
  at::manual_seed(6);
  for_each_kernel_set([](const auto& kernels, at::ScalarType type) { check_gated_gelu(kernels, type); });
}

template <class T>
void check_rotation(const ElementKernels<T>& kernels, at::ScalarType type, std::int64_t half) {
  constexpr std::int64_t kHeads = 3;
  const at::Tensor angles = at::randn({half});
  const at::Tensor cosines = angles.cos();
  const at::Tensor sines = angles.sin();
  const Rotation rotation{elements<float>(cosines), elements<float>(sines), half};
  const at::Tensor input = at::randn({kHeads, 2, half}).to(type);
  const at::Tensor turned = at::empty_like(input);
  const at::Tensor back = at::empty_like(input);
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
    for_each_kernel_set([&](const auto& kernels, at::ScalarType type) { check_rotation(kernels, type, half); });
}

template <class T>
void check_column_sums(const ElementKernels<T>& kernels, at::ScalarType type, std::int64_t num_columns) {
  const at::Tensor rows = at::randn({301, num_columns}).to(type);
  const at::Tensor sums = at::empty({num_columns});
  for (const auto& [begin, end] : {std::pair<std::int64_t, std::int64_t>(0, 5), {5, num_columns}})
    kernels.sum_columns(elements<T>(rows), rows.size(0), num_columns, begin, end, mutable_elements<float>(sums));
  CHECK(largest_difference(sums, rows.to(at::kDouble).sum(0)) < 2e-5);
  const at::Tensor at_once = at::empty({num_columns});
  kernels.sum_columns(elements<T>(rows), rows.size(0), num_columns, 0, num_columns, mutable_elements<float>(at_once));
  CHECK(at_once.equal(sums));
}

TEST_CASE("Column sums equal ATen's in every instruction set, however columns are divided") {
  at::manual_seed(5);
  for (const std::int64_t num_columns : {7, 64, 130, 384})
    for_each_kernel_set(
        [&](const auto& kernels, at::ScalarType type) { check_column_sums(kernels, type, num_columns); });
}

// Sizes with and without a remainder beside the vector lanes.
template <class T>
void check_residual_norm(const ElementKernels<T>& kernels, at::ScalarType type, std::int64_t size,
                         const DropoutMask* mask) {
  constexpr std::int64_t kRows = 7;
  const auto draw = [&] { return at::randn({kRows, size}).to(type); };
  const at::Tensor update = draw();
  const at::Tensor residual = draw();
  const at::Tensor gradient = draw();
  const at::Tensor weight = at::randn({size});
  const at::Tensor bias = at::randn({size});
  const at::Tensor output = at::empty_like(update);
  const at::Tensor sum = at::empty_like(update);
  const at::Tensor mean = at::empty({kRows});
  const at::Tensor deviation = at::empty({kRows});
  std::vector<float> scratch(static_cast<std::size_t>(2 * size));
  kernels.residual_norm({elements<T>(update), elements<T>(residual), elements<float>(weight), elements<float>(bias),
                         mask, size, 1e-5F, mutable_elements<T>(sum), mutable_elements<float>(mean),
                         mutable_elements<float>(deviation), mutable_elements<T>(output)},
                        0, kRows, scratch.data());
  at::Tensor factors = at::ones({kRows, size}, at::kDouble);
  if (mask != nullptr)
    for (std::int64_t i = 0; i < factors.numel(); ++i)
      factors.view(-1)[i] = mask->factor(static_cast<std::uint64_t>(i));
  const at::Tensor total = update.to(at::kDouble) * factors + residual.to(at::kDouble);
  const auto [expected, expected_mean, expected_deviation] =
      at::native_layer_norm(total, {size}, weight.to(at::kDouble), bias.to(at::kDouble), 1e-5);
  CHECK(largest_difference(output, expected) < 8 * tolerance(type));
  CHECK(largest_difference(mean, expected_mean.view(-1)) < 1e-5);

  const at::Tensor residual_gradient = at::empty_like(update);
  const at::Tensor update_gradient = at::empty_like(update);
  const at::Tensor weight_gradient = at::zeros({size});
  const at::Tensor bias_gradient = at::zeros({size});
  kernels.residual_norm_backward({elements<T>(gradient), elements<T>(sum), elements<float>(mean),
                                  elements<float>(deviation), elements<float>(weight), mask, size,
                                  mutable_elements<T>(residual_gradient), mutable_elements<T>(update_gradient)},
                                 0, kRows, mutable_elements<float>(weight_gradient),
                                 mutable_elements<float>(bias_gradient), scratch.data());
  const auto [expected_input, expected_weight, expected_bias] =
      at::native_layer_norm_backward(gradient.to(at::kDouble), total, {size}, expected_mean, expected_deviation,
                                     weight.to(at::kDouble), bias.to(at::kDouble), {true, true, true});
  CHECK(largest_difference(residual_gradient, expected_input) < 8 * tolerance(type));
  if (mask != nullptr) CHECK(largest_difference(update_gradient, expected_input * factors) < 8 * tolerance(type));
  CHECK(largest_difference(weight_gradient, expected_weight) < 8 * tolerance(type));
  CHECK(largest_difference(bias_gradient, expected_bias) < 8 * tolerance(type));
}

TEST_CASE("The residual norm and its gradients equal ATen's in every instruction set") {
  at::manual_seed(2);
  const DropoutMask mask(17, 0.25);
  for (const std::int64_t size : {16, 384, 41})
    for (const DropoutMask* chosen : {static_cast<const DropoutMask*>(nullptr), &mask})
      for_each_kernel_set([&](const auto& kernels, at::ScalarType type) {
        INFO(size << (chosen == nullptr ? " without" : " with") << " dropout");
        check_residual_norm(kernels, type, size, chosen);
      });
}

template <class T>
void check_head(const ElementKernels<T>& kernels, at::ScalarType type, std::int64_t num_queries, std::int64_t num_keys,
                std::int64_t head_size, bool is_causal, const DropoutMask* mask) {
  // Every operand among other columns of its rows, and gradients at strides of their operands.
  const HeadStrides strides{head_size + 32, head_size + 5, head_size + 1};
  const auto draw = [&](std::int64_t rows, std::int64_t stride) {
    return at::randn({rows, stride}).to(type).narrow(1, 0, head_size);
  };
  const at::Tensor q = draw(num_queries, strides.queries);
  const at::Tensor k = draw(num_keys, strides.keys);
  const at::Tensor v = draw(num_keys, strides.keys);
  const at::Tensor g = draw(num_queries, strides.context);
  const at::Tensor context = draw(num_queries, strides.context);
  const at::Tensor weights = at::empty({num_queries, num_keys});
  const std::vector<at::Tensor> results = {draw(num_queries, strides.queries), draw(num_keys, strides.keys),
                                           draw(num_keys, strides.keys)};
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_size));
  constexpr std::uint64_t kPosition = 0xffffffffU - 20;  // the positions of some weights need more than 32 bits
  const HeadShape shape{num_queries, num_keys, head_size, strides, scale, kPosition, is_causal};
  std::vector<float> scratch(static_cast<std::size_t>(head_scratch_size(shape)));
  kernels.attend_head(shape, elements<T>(q), elements<T>(k), elements<T>(v), mask, mutable_elements<float>(weights),
                      mutable_elements<T>(context), scratch.data());
  const at::Tensor without_weights = draw(num_queries, strides.context);
  kernels.attend_head(shape, elements<T>(q), elements<T>(k), elements<T>(v), mask, nullptr,
                      mutable_elements<T>(without_weights), scratch.data());
  CHECK(without_weights.equal(context));
  kernels.attend_head_backward(
      shape, elements<T>(q), elements<T>(k), elements<T>(v), mask, elements<float>(weights), elements<T>(g),
      {mutable_elements<T>(results[0]), mutable_elements<T>(results[1]), mutable_elements<T>(results[2])},
      scratch.data());
  std::vector<at::Tensor> leaves;
  for (const at::Tensor& input : {q, k, v}) leaves.push_back(input.to(at::kDouble).set_requires_grad(true));
  at::Tensor scores = leaves[0].mm(leaves[1].t()) * scale;
  const at::Tensor later = at::ones_like(scores).triu(num_keys - num_queries + 1).to(at::kBool);
  if (is_causal) scores = scores.masked_fill(later, -INFINITY);
  at::Tensor factors = at::ones_like(scores);
  if (mask != nullptr)
    for (std::int64_t i = 0; i < factors.numel(); ++i)
      factors.view(-1)[i] = mask->factor(kPosition + static_cast<std::uint64_t>(i));
  const at::Tensor expected = at::softmax(scores, -1).mul(factors.detach()).mm(leaves[2]);
  expected.backward(g.to(at::kDouble));
  CHECK(largest_difference(context, expected) < 4 * tolerance(type));
  for (std::size_t i = 0; i < leaves.size(); ++i)
    CHECK(largest_difference(results[i], leaves[i].grad()) < 8 * tolerance(type));
}

TEST_CASE("Attention of a head and its gradients equal ATen's in every instruction set") {
  at::manual_seed(3);
  struct Sizes {
    std::int64_t queries, keys, head;
  };
  const std::vector<Sizes> all_sizes = {{1, 1, 32},   {14, 14, 48}, {1, 19, 32},    {33, 48, 16},
                                        {65, 65, 64}, {35, 35, 80}, {130, 260, 32}, {30, 1400, 16}};
  const DropoutMask mask(23, 0.3);
  for (const Sizes& sizes : all_sizes)
    for (const bool is_causal : {false, true})
      for (const DropoutMask* chosen : {static_cast<const DropoutMask*>(nullptr), &mask})
        for_each_kernel_set([&](const auto& kernels, at::ScalarType type) {
          INFO(sizes.queries << " queries, " << sizes.keys << " keys of " << sizes.head << (is_causal ? ", causal" : "")
                             << (chosen == nullptr ? "" : ", dropout"));
          check_head(kernels, type, sizes.queries, sizes.keys, sizes.head, is_causal, chosen);
        });
}

template <class T>
void check_drop(const ElementKernels<T>& kernels, at::ScalarType type) {
  const at::Tensor input = at::randn({1003}).to(type);
  const at::Tensor output = at::zeros_like(input);
  const DropoutMask mask(5, 0.5);
  kernels.drop(elements<T>(input), mutable_elements<T>(output), 3, 1003, mask);
  CHECK(output.narrow(0, 0, 3).eq(0).all().item<bool>());
  for (std::int64_t i = 3; i < 1003; ++i)
    REQUIRE(output[i].item<float>() == (input[i] * mask.factor(static_cast<std::uint64_t>(i))).item<float>());
}

TEST_CASE("Dropping follows the mask in every instruction set") {
  at::manual_seed(4);
  for_each_kernel_set([](const auto& kernels, at::ScalarType type) { check_drop(kernels, type); });
}

}  // namespace
}  // namespace llmtool
