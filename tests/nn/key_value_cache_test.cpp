#include "llmtool/nn/key_value_cache.h"

#include <ATen/Functions.h>

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

AttentionOptions causal_options() {
  AttentionOptions options;
  options.num_heads = 2;
  options.is_causal = true;
  return options;
}

TEST_CASE("New tokens take the positions behind those held") {
  KeyValueCache cache;
  CHECK(cache.continued_layout({2, 3}, at::kCPU).positions().equal(at::tensor({0, 1, 0, 1, 2}, at::kLong)));
  cache.begin(SequenceLayout({2, 3}), 1);
  cache.end();
  CHECK(cache.lengths() == std::vector<std::int64_t>{2, 3});
  CHECK(cache.continued_layout({2, 1}, at::kCPU).positions().equal(at::tensor({2, 3, 3}, at::kLong)));
  CHECK_THROWS_AS(cache.continued_layout({1}, at::kCPU), std::invalid_argument);
}

TEST_CASE("Attention over held and new tokens is that over all of them") {
  at::manual_seed(3);
  // More than the room a cache starts with.
  const std::int64_t length = 150;
  const at::Tensor rows = at::randn({length, 8});
  const SequenceLayout whole({length});
  const at::Tensor expected = attention({rows, rows, rows}, whole, whole, causal_options()).context;
  KeyValueCache cache;
  std::vector<at::Tensor> parts;
  for (const std::int64_t count : {50, 1, 98, 1}) {
    const SequenceLayout layout = cache.continued_layout({count}, at::kCPU);
    const std::int64_t first = cache.lengths().empty() ? 0 : cache.lengths().front();
    const at::Tensor part = rows.narrow(0, first, count);
    cache.begin(layout, 1);
    parts.push_back(cache.attend(0, {part, part, part}, layout, causal_options()).context);
    cache.end();
  }
  CHECK((at::cat(parts) - expected).abs().max().item<double>() < 1e-5);
}

}  // namespace
}  // namespace llmtool
