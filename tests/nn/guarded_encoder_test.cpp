// Whole encoders with every tensor between pages that nothing may touch.

#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "../support/guarded_tensors.h"
#include "../support/rounds.h"
#include "llmtool/nn/encoder.h"

namespace llmtool {
namespace {

using testing::GuardedEnd;

struct GuardedPass {
  at::Tensor output;
  std::vector<at::Tensor> gradients;
};

GuardedPass run_guarded_pass(Encoder& encoder, const at::Tensor& rows, const SequenceLayout& layout,
                             const EncoderRequest& request) {
  encoder.zero_grad();
  GuardedPass pass;
  pass.output = encoder.forward(rows, layout, request).last_hidden_state;
  at::manual_seed(8);
  pass.output.backward(at::randn(pass.output.sizes()));
  for (const at::Tensor& parameter : encoder.parameters())
    if (parameter.grad().defined()) pass.gradients.push_back(parameter.grad().clone());
  return pass;
}

void check_near(const at::Tensor& found, const at::Tensor& expected) {
  const double scale = std::max(1.0, expected.abs().max().item<double>());
  CHECK((found - expected).abs().max().item<double>() / scale < 1e-4);
}

void check_encoder(std::mt19937_64& random) {
  const auto between = [&](std::int64_t first, std::int64_t last) {
    return std::uniform_int_distribution<std::int64_t>(first, last)(random);
  };
  EncoderOptions options;
  options.num_layers = 2;
  options.num_heads = between(1, 4);
  options.hidden_size = options.num_heads * 16 * between(1, 3);
  options.intermediate_size = between(1, 200);
  options.is_causal = between(0, 2) == 0;
  options.is_pre_norm = options.is_causal;
  options.has_fused_projection = options.is_causal;
  Encoder encoder(options, at::kCPU);
  {
    const at::NoGradGuard no_grad;
    for (at::Tensor& parameter : encoder.parameters()) parameter.normal_(0.0, 0.1);
  }
  std::vector<std::int64_t> lengths;
  for (std::int64_t i = between(1, 6); i-- > 0;) lengths.push_back(between(1, 80));
  const SequenceLayout layout(lengths);
  EncoderRequest request;
  request.first_tokens_only = !options.is_causal && between(0, 1) == 0;
  const at::Tensor rows = at::randn({layout.num_tokens(), options.hidden_size}).set_requires_grad(true);
  CAPTURE(lengths, options.num_heads, options.hidden_size, options.intermediate_size, options.is_causal);
  const GuardedPass fast = run_guarded_pass(encoder, rows, layout, request);
  use_kernels(encoder, false);
  const GuardedPass plain = run_guarded_pass(encoder, rows, layout, request);
  check_near(fast.output, plain.output);
  REQUIRE(fast.gradients.size() == plain.gradients.size());
  for (std::size_t i = 0; i < fast.gradients.size(); ++i) check_near(fast.gradients[i], plain.gradients[i]);

  options.attention_dropout = options.attention_output_dropout = options.output_dropout = 0.1;
  options.intermediate_dropout = 0.1;
  Encoder dropping(options, at::kCPU);
  dropping.train();
  run_guarded_pass(dropping, rows, layout, request);
}

TEST_CASE("Encoders of random sizes and sequences touch nothing beside their tensors") {
  const std::uint64_t seed = testing::first_seed();
  std::mt19937_64 random(seed);
  at::manual_seed(seed);
  for (std::int64_t round = 0; round < testing::num_rounds(6); ++round)
    for (const GuardedEnd end : {GuardedEnd::kFirst, GuardedEnd::kLast}) {
      INFO("seed " << seed << ", round " << round);
      const testing::GuardedAllocation guarded(end);
      check_encoder(random);
    }
}

}  // namespace
}  // namespace llmtool
