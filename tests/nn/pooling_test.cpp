#include "llmtool/nn/pooling.h"

#include <ATen/ATen.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <map>
#include <vector>

namespace llmtool {
namespace {

// Two texts of two tokens and one.
const SequenceLayout kLayout({2, 1});

at::Tensor hidden() { return at::tensor({1.0F, -4.0F, 3.0F, 2.0F, 5.0F, 6.0F}).view({3, 2}); }

std::vector<float> numbers(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.detach().contiguous().view(-1);
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}

TEST_CASE("Every pooling makes of a text's tokens what its name says") {
  const float root = std::sqrt(2.0F);
  const std::map<Pooling, std::vector<float>> expected{{Pooling::kCls, {1, -4, 5, 6}},
                                                       {Pooling::kMax, {3, 2, 5, 6}},
                                                       {Pooling::kMean, {2, -1, 5, 6}},
                                                       {Pooling::kMeanSqrtLength, {4 / root, -2 / root, 5, 6}},
                                                       {Pooling::kWeightedMean, {7.0F / 3, 0, 5, 6}},
                                                       {Pooling::kLastToken, {3, 2, 5, 6}}};
  REQUIRE(expected.size() == EnumNames<Pooling>::kNames.size());
  for (const auto& [pooling, values] : expected) {
    CAPTURE(enum_name(pooling));
    const std::vector<float> found = numbers(pool_tokens(hidden(), kLayout, pooling));
    for (std::size_t i = 0; i < values.size(); ++i) CHECK(found[i] == Approx(values[i]).margin(1e-6));
  }
}

TEST_CASE("Every pooling has gradients, and sums in fp32 whatever the hidden states are") {
  for (const auto& [pooling, name] : EnumNames<Pooling>::kNames) {
    CAPTURE(name);
    const at::Tensor rows = hidden().requires_grad_();
    pool_tokens(rows, kLayout, pooling).sum().backward();
    CHECK(rows.grad().abs().sum().item<float>() > 0);
    CHECK(pool_tokens(hidden().to(at::kBFloat16), kLayout, pooling).scalar_type() == at::kFloat);
  }
}

TEST_CASE("Tokens behind the first keep their positions, which weigh them") {
  const SequenceLayout layout({3, 2});
  const at::Tensor rows = at::tensor({9.0F, 1.0F, 4.0F, 9.0F, 6.0F}).view({5, 1});
  const PackedTokens rest = without_first_tokens(rows, layout, 1);
  CHECK(rest.layout.lengths() == std::vector<std::int64_t>{2, 1});
  CHECK(numbers(rest.hidden) == std::vector<float>{1, 4, 6});
  const std::vector<float> weighted = numbers(pool_tokens(rest.hidden, rest.layout, Pooling::kWeightedMean));
  CHECK(weighted[0] == Approx((1.0 * 2 + 4.0 * 3) / 5));
  CHECK(weighted[1] == Approx(6.0));
  CHECK_THROWS_AS(without_first_tokens(rows, layout, 2), std::invalid_argument);
}

}  // namespace
}  // namespace llmtool
