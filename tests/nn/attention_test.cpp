#include "llmtool/nn/attention.h"

#include <ATen/Functions.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <stdexcept>

namespace llmtool {
namespace {

constexpr std::int64_t kHeads = 3;
constexpr std::int64_t kHidden = 96;

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

at::Tensor attend(const Rows& rows, const SequenceLayout& query_layout, const SequenceLayout& key_layout,
                  bool use_kernel = true, bool is_causal = false) {
  const AttentionOptions options{kHeads, 0.0, false, use_kernel, is_causal};
  return attention({rows.queries, rows.keys, rows.values}, query_layout, key_layout, options).context;
}

// One sequence and head at a time in double precision.
at::Tensor plain_attention(const Rows& rows, const SequenceLayout& query_layout, const SequenceLayout& key_layout,
                           bool is_causal) {
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
      at::Tensor scores =
          part(rows.queries, query_layout).mm(part(rows.keys, key_layout).t()) / std::sqrt(static_cast<double>(size));
      const at::Tensor later = at::ones_like(scores).triu(scores.size(1) - scores.size(0) + 1).to(at::kBool);
      if (is_causal) scores = scores.masked_fill(later, -INFINITY);
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

// The kernel and the ATen path alike.
void check_against_plain(const SequenceLayout& query_layout, const SequenceLayout& key_layout, bool is_causal = false) {
  const Rows rows = random_rows(query_layout, key_layout);
  const at::Tensor expected = plain_attention(rows, query_layout, key_layout, is_causal);
  const auto wanted = gradients(expected, rows);
  for (const bool use_kernel : {false, true}) {
    CAPTURE(use_kernel);
    const at::Tensor output = attend(rows, query_layout, key_layout, use_kernel, is_causal);
    CHECK(largest_difference(output, expected) < 2e-6);
    const auto found = gradients(output, rows);
    for (std::size_t index = 0; index < found.size(); ++index)
      CHECK(largest_difference(found[index], wanted[index]) < 5e-6);
  }
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

TEST_CASE("Causal attention sees no later key") {
  const SequenceLayout layout({5, 1, 49, 3, 33, 24});
  check_against_plain(layout, layout, true);
  const SequenceLayout uniform({50, 50});
  check_against_plain(uniform, uniform, true);
}

TEST_CASE("Causal queries are the last positions of their sequence") {
  check_against_plain(SequenceLayout({2, 1, 27, 30}), SequenceLayout({5, 3, 60, 31}), true);
  check_against_plain(SequenceLayout({1, 1, 1}), SequenceLayout({5, 3, 4}), true);
  const SequenceLayout longer({3, 2});
  const at::Tensor rows = at::zeros({5, kHidden});
  const AttentionOptions options{kHeads, 0.0, false, true, true};
  CHECK_THROWS_AS(attention({rows, rows, rows}, longer, SequenceLayout({2, 3}), options), std::invalid_argument);
}

TEST_CASE("A window hides keys that are further away") {
  const SequenceLayout layout({9, 4});
  const Rows rows = random_rows(layout, layout);
  AttentionOptions options;
  options.num_heads = kHeads;
  options.window = 2;
  const at::Tensor context = attention({rows.queries, rows.keys, rows.values}, layout, layout, options).context;
  for (std::int64_t place = 0; place < 9; ++place) {
    const std::int64_t first = std::max<std::int64_t>(place - 2, 0);
    const std::int64_t count = std::min<std::int64_t>(place + 3, 9) - first;
    const Rows seen{rows.queries.narrow(0, place, 1), rows.keys.narrow(0, first, count),
                    rows.values.narrow(0, first, count)};
    CHECK(largest_difference(context.narrow(0, place, 1), attend(seen, SequenceLayout({1}), SequenceLayout({count}))) <
          1e-5);
  }
  options.window = 8;
  const at::Tensor wide = attention({rows.queries, rows.keys, rows.values}, layout, layout, options).context;
  CHECK(wide.equal(attend(rows, layout, layout)));
}

TEST_CASE("Attention in a window is the same by LibTorch's fused operation and by plain ones") {
  for (const std::vector<std::int64_t>& lengths : {std::vector<std::int64_t>{40, 3, 17}, {25, 25}}) {
    const SequenceLayout layout(lengths);
    const Rows rows = random_rows(layout, layout);
    AttentionOptions options;
    options.num_heads = kHeads;
    options.window = 4;
    const auto context = [&](bool use_kernel) {
      options.use_kernel = use_kernel;
      return attention({rows.queries, rows.keys, rows.values}, layout, layout, options).context;
    };
    CHECK(largest_difference(context(true), context(false)) < 2e-6);
    const auto found = gradients(context(true), rows);
    const auto wanted = gradients(context(false), rows);
    for (std::size_t index = 0; index < found.size(); ++index)
      CHECK(largest_difference(found[index], wanted[index]) < 5e-6);
  }
}

TEST_CASE("Attention over sequences too long for the kernel equals attention over each alone") {
  const SequenceLayout layout({1100, 700});
  check_against_plain(layout, layout);
  check_against_plain(layout, layout, true);
}

TEST_CASE("Padding beyond the window of every key leaves the gradients finite") {
  const SequenceLayout layout({9, 2});
  Rows rows = random_rows(layout, layout);
  for (at::Tensor* part : {&rows.queries, &rows.keys, &rows.values}) part->set_requires_grad(true);
  AttentionOptions options;
  options.num_heads = kHeads;
  options.window = 2;
  attention({rows.queries, rows.keys, rows.values}, layout, layout, options).context.sum().backward();
  for (const at::Tensor* part : {&rows.queries, &rows.keys, &rows.values})
    CHECK(at::isfinite(part->grad()).all().item<bool>());
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
      attention({rows.queries, rows.keys, rows.values}, layout, layout, {kHeads, 0.0, true}).weights;
  CHECK(weights.sizes().vec() == std::vector<std::int64_t>{2, kHeads, 4, 4});
  CHECK(largest_difference(weights.sum(-1), at::ones({2, kHeads, 4})) < 1e-6);
  CHECK(weights.select(0, 1).narrow(2, 2, 2).abs().max().item<double>() == 0.0);
}

// Attention with dropout over values of one: each output is the sum of the weights kept.
at::Tensor dropped_sums(const Rows& rows, const SequenceLayout& layout, bool use_kernel) {
  at::manual_seed(3);
  const AttentionOptions options{kHeads, 0.25, false, use_kernel};
  return attention({rows.queries, rows.keys, at::ones_like(rows.values)}, layout, layout, options).context;
}

TEST_CASE("Attention dropout keeps the mean and is repeated by the same seed") {
  const SequenceLayout layout(std::vector<std::int64_t>(40, 16));
  const Rows rows = random_rows(layout, layout);
  for (const bool use_kernel : {false, true}) {
    CAPTURE(use_kernel);
    const at::Tensor output = dropped_sums(rows, layout, use_kernel);
    CHECK(output.mean().item<double>() == Approx(1.0).margin(0.02));
    CHECK(output.std().item<double>() > 0.05);
    CHECK(output.equal(dropped_sums(rows, layout, use_kernel)));
  }
}

TEST_CASE("Gradients of attention with dropout are those of the weights that were kept") {
  const SequenceLayout layout({7, 20});
  Rows rows = random_rows(layout, layout);
  for (at::Tensor* part : {&rows.queries, &rows.keys, &rows.values})
    *part = part->detach().mul(0.5).set_requires_grad(true);
  const bool is_causal = GENERATE(false, true);
  CAPTURE(is_causal);
  const AttentionOptions options{kHeads, 0.3, false, true, is_causal};
  const auto loss = [&](const at::Tensor& queries, const at::Tensor& keys, const at::Tensor& values) {
    at::manual_seed(9);
    const at::Tensor context = attention({queries, keys, values}, layout, layout, options).context;
    return (context * at::arange(context.numel(), context.options()).sin().view_as(context)).sum();
  };
  const auto found =
      torch::autograd::grad({loss(rows.queries, rows.keys, rows.values)}, {rows.queries, rows.keys, rows.values});
  // Along a random direction the change of the loss is the product with the gradient.
  const at::Tensor direction = at::randn_like(rows.queries).detach();
  const double step = 1e-2;
  const auto slope = [&](int which) {
    const auto moved = [&](double by) {
      std::vector<at::Tensor> parts = {rows.queries.detach(), rows.keys.detach(), rows.values.detach()};
      parts[which] = parts[which] + direction * by;
      return loss(parts[0], parts[1], parts[2]).item<double>();
    };
    return (moved(step) - moved(-step)) / (2 * step);
  };
  for (int which = 0; which < 3; ++which)
    CHECK((found[which] * direction).sum().item<double>() == Approx(slope(which)).epsilon(2e-2).margin(5e-3));
}

TEST_CASE("Queries, keys and values may be columns of one tensor") {
  for (const bool use_kernel : {true, false}) {
    CAPTURE(use_kernel);
    const SequenceLayout layout({5, 1, 17});
    const Rows rows = random_rows(layout, layout);
    const AttentionOptions options{kHeads, 0.0, false, use_kernel};
    const at::Tensor expected = attend(rows, layout, layout, use_kernel);
    const auto wanted = at::cat(gradients(expected, rows), 1);
    const std::vector<at::Tensor> blocks = {rows.queries.detach(), rows.keys.detach(), rows.values.detach()};
    for (const std::int64_t num_separate : {0, 1}) {
      std::vector<at::Tensor> tensors(blocks.begin(), blocks.begin() + num_separate);
      tensors.push_back(at::cat(std::vector<at::Tensor>(blocks.begin() + num_separate, blocks.end()), 1));
      for (at::Tensor& tensor : tensors) tensor.set_requires_grad(true);
      const at::Tensor context = attention(AttentionOperands(tensors), layout, layout, options).context;
      CHECK(context.equal(expected));
      const at::Tensor weights = at::arange(context.numel(), at::kFloat).sin().view_as(context);
      const auto found = torch::autograd::grad({(context * weights).sum()}, tensors);
      CHECK(largest_difference(at::cat(found, 1), wanted) < 1e-6);
    }
  }
}

TEST_CASE("Operands of attention have one hidden size, and values as many rows as keys") {
  const auto zeros = [](std::int64_t rows, std::int64_t columns) { return at::zeros({rows, columns}); };
  CHECK_THROWS_AS(AttentionOperands(zeros(2, 8), zeros(2, 8), zeros(2, 9)), std::invalid_argument);
  CHECK_THROWS_AS(AttentionOperands(zeros(2, 8), zeros(2, 4), zeros(2, 12)), std::invalid_argument);
  CHECK_THROWS_AS(AttentionOperands(zeros(2, 8), zeros(2, 8), zeros(3, 8)), std::invalid_argument);
  CHECK_THROWS_AS(AttentionOperands({zeros(2, 16), zeros(2, 8)}), std::invalid_argument);
  CHECK_THROWS_AS(AttentionOperands({at::zeros({24})}), std::invalid_argument);
  CHECK_THROWS_AS(AttentionOperands(std::vector<at::Tensor>()), std::invalid_argument);
}

TEST_CASE("Attention refuses rows that do not fit the layout") {
  const SequenceLayout layout({2, 3});
  const at::Tensor rows = at::zeros({4, kHidden});
  CHECK_THROWS_AS(attention({rows, rows, rows}, layout, layout, {kHeads}), std::invalid_argument);
  const at::Tensor fitting = at::zeros({5, kHidden});
  CHECK_THROWS_AS(attention({fitting, fitting, fitting}, layout, layout, {5}), std::invalid_argument);
}

TEST_CASE("Padding rows are not looked at and have no context and no gradients") {
  for (const bool use_kernel : {true, false}) {
    const SequenceLayout layout({5, 2});
    const Rows rows = random_rows(layout, layout);
    const auto padded = [](const at::Tensor& tokens) {
      return at::cat({tokens.detach(), at::full({3, kHidden}, 7.0)}).set_requires_grad(true);
    };
    const Rows with_padding{padded(rows.queries), padded(rows.keys), padded(rows.values)};
    const at::Tensor context = attend(with_padding, layout, layout, use_kernel);
    CHECK(largest_difference(context.narrow(0, 0, 7), attend(rows, layout, layout, use_kernel)) < 1e-6);
    CHECK(context.narrow(0, 7, 3).eq(0).all().item<bool>());
    context.sum().backward();
    for (const at::Tensor& leaf : {with_padding.queries, with_padding.keys, with_padding.values})
      CHECK(leaf.grad().narrow(0, 7, 3).eq(0).all().item<bool>());
  }
}

}  // namespace
}  // namespace llmtool
