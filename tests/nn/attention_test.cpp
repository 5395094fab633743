#include "llmtool/nn/attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <stdexcept>

namespace llmtool {
namespace {

constexpr std::int64_t kHeads = 3;
constexpr std::int64_t kHidden = 12;

struct Rows {
  at::Tensor queries, keys, values;
};

Rows random_rows(const SequenceLayout& query_layout, const SequenceLayout& key_layout) {
  at::manual_seed(7);
  const auto rows = [](const SequenceLayout& layout) {
    return at::randn({layout.num_tokens(), kHidden}).set_requires_grad(true);
  };
  return {rows(query_layout), rows(key_layout), rows(key_layout)};
}

at::Tensor attend(const Rows& rows, const SequenceLayout& query_layout, const SequenceLayout& key_layout) {
  return attention(rows.queries, rows.keys, rows.values, query_layout, key_layout, {kHeads}).context;
}

// One sequence and head at a time in double precision.
at::Tensor plain_attention(const Rows& rows, const SequenceLayout& query_layout, const SequenceLayout& key_layout) {
  const std::int64_t size = kHidden / kHeads;
  std::vector<at::Tensor> sequences;
  for (std::int64_t index = 0; index < query_layout.num_sequences(); ++index) {
    std::vector<at::Tensor> heads;
    for (std::int64_t head = 0; head < kHeads; ++head) {
      const auto part = [&](const at::Tensor& all, const SequenceLayout& layout) {
        return all.narrow(0, layout.offsets()[index], layout.lengths()[index])
            .narrow(1, head * size, size)
            .to(at::kDouble);
      };
      const at::Tensor scores =
          part(rows.queries, query_layout).mm(part(rows.keys, key_layout).t()) / std::sqrt(static_cast<double>(size));
      heads.push_back(at::softmax(scores, -1).mm(part(rows.values, key_layout)));
    }
    sequences.push_back(at::cat(heads, 1));
  }
  return at::cat(sequences, 0);
}

double largest_difference(const at::Tensor& left, const at::Tensor& right) {
  return (left.to(at::kDouble) - right.to(at::kDouble)).abs().max().item<double>();
}

// Gradients of a weighted sum of the output, so that every element counts differently.
std::vector<at::Tensor> gradients(const at::Tensor& output, const Rows& rows) {
  const at::Tensor weights = at::arange(output.numel(), output.options().requires_grad(false)).sin().view_as(output);
  return torch::autograd::grad({(output * weights).sum()}, {rows.queries, rows.keys, rows.values});
}

void check_against_plain(const SequenceLayout& query_layout, const SequenceLayout& key_layout) {
  const Rows rows = random_rows(query_layout, key_layout);
  const at::Tensor output = attend(rows, query_layout, key_layout);
  const at::Tensor expected = plain_attention(rows, query_layout, key_layout);
  CHECK(largest_difference(output, expected) < 1e-6);
  const auto found = gradients(output, rows);
  const auto wanted = gradients(expected, rows);
  for (std::size_t index = 0; index < found.size(); ++index)
    CHECK(largest_difference(found[index], wanted[index]) < 2e-6);
}

TEST_CASE("Attention over sequences of different lengths equals attention over each alone") {
  const SequenceLayout layout({5, 1, 9, 3, 33});
  check_against_plain(layout, layout);
}

TEST_CASE("Attention over equally long sequences equals attention over each alone") {
  const SequenceLayout layout({6, 6, 6});
  check_against_plain(layout, layout);
}

TEST_CASE("Queries may have other lengths than keys") {
  check_against_plain(SequenceLayout({2, 1, 4}), SequenceLayout({5, 3, 3}));
  check_against_plain(SequenceLayout({1, 1, 1}), SequenceLayout({5, 3, 4}));
}

TEST_CASE("Attention of a sequence does not depend on what else is in the batch") {
  const SequenceLayout layout({4, 17, 2});
  const Rows rows = random_rows(layout, layout);
  const at::Tensor together = attend(rows, layout, layout);
  for (std::int64_t index = 0; index < layout.num_sequences(); ++index) {
    const auto part = [&](const at::Tensor& all) {
      return all.narrow(0, layout.offsets()[index], layout.lengths()[index]);
    };
    const SequenceLayout alone({layout.lengths()[index]});
    const at::Tensor single = attend({part(rows.queries), part(rows.keys), part(rows.values)}, alone, alone);
    CHECK(largest_difference(single, part(together)) < 1e-6);
  }
}

TEST_CASE("Attention weights are returned on request and sum to one over real keys") {
  const SequenceLayout layout({4, 2});
  const Rows rows = random_rows(layout, layout);
  const at::Tensor weights =
      attention(rows.queries, rows.keys, rows.values, layout, layout, {kHeads, 0.0, true}).weights;
  CHECK(weights.sizes().vec() == std::vector<std::int64_t>{2, kHeads, 4, 4});
  CHECK(largest_difference(weights.sum(-1), at::ones({2, kHeads, 4})) < 1e-6);
  CHECK(weights.select(0, 1).narrow(2, 2, 2).abs().max().item<double>() == 0.0);
}

TEST_CASE("Attention dropout keeps the mean and is repeated by the same seed") {
  const SequenceLayout layout(std::vector<std::int64_t>(40, 16));
  Rows rows = random_rows(layout, layout);
  rows.values = at::ones_like(rows.values);
  const auto run = [&] {
    at::manual_seed(3);
    return attention(rows.queries, rows.keys, rows.values, layout, layout, {kHeads, 0.25}).context;
  };
  const at::Tensor output = run();
  CHECK(output.mean().item<double>() == Approx(1.0).margin(0.02));
  CHECK(output.std().item<double>() > 0.05);
  CHECK(output.equal(run()));
}

TEST_CASE("Attention refuses rows that do not fit the layout") {
  const SequenceLayout layout({2, 3});
  const at::Tensor rows = at::zeros({4, kHidden});
  CHECK_THROWS_AS(attention(rows, rows, rows, layout, layout, {kHeads}), std::invalid_argument);
  const at::Tensor fitting = at::zeros({5, kHidden});
  CHECK_THROWS_AS(attention(fitting, fitting, fitting, layout, layout, {5}), std::invalid_argument);
}

}  // namespace
}  // namespace llmtool
