// The operations as models use them, with every tensor between pages that nothing may touch: what LibTorch's products
// and sums read and write is tried as well.

#include <ATen/ATen.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

#include "../support/guarded_tensors.h"
#include "../support/rounds.h"
#include "llmtool/kernels/elementwise.h"
#include "llmtool/kernels/linear.h"
#include "llmtool/kernels/packed_attention.h"
#include "llmtool/kernels/residual_norm.h"
#include "llmtool/kernels/vocabulary_loss.h"

namespace llmtool {
namespace {

using testing::GuardedEnd;

class Random {
 public:
  explicit Random(std::uint64_t seed) : random_(seed) {}
  std::int64_t between(std::int64_t first, std::int64_t last) {
    return std::uniform_int_distribution<std::int64_t>(first, last)(random_);
  }
  bool is_heads() { return between(0, 1) == 0; }

 private:
  std::mt19937_64 random_;
};

// Calls action(random, end, type) for random cases.
template <class Action>
void for_each_case(std::int64_t usual_rounds, const Action& action) {
  const std::uint64_t seed = testing::first_seed();
  Random random(seed);
  at::manual_seed(seed);
  for (std::int64_t round = 0; round < testing::num_rounds(usual_rounds); ++round)
    for (const at::ScalarType type : {at::kFloat, at::kBFloat16}) {
      const GuardedEnd end = random.is_heads() ? GuardedEnd::kFirst : GuardedEnd::kLast;
      INFO("seed " << seed << ", round " << round << ", " << type
                   << (end == GuardedEnd::kFirst ? ", guarded before" : ", guarded behind"));
      const testing::GuardedAllocation guarded(end);
      action(random, end, type);
    }
}

at::Tensor leaf(at::IntArrayRef sizes, at::ScalarType type, GuardedEnd end) {
  return testing::guarded_operand(at::randn(sizes).to(type), end).set_requires_grad(true);
}

double tolerance_of(at::ScalarType type) { return type == at::kFloat ? 5e-5 : 0.05; }

// Compares an output and the gradients of a random weighting of it with the same in double precision.
template <class Operation, class Reference>
void check_operation(const std::vector<at::Tensor>& leaves, at::ScalarType type, const Operation& operation,
                     const Reference& reference) {
  std::vector<at::Tensor> exact;
  for (const at::Tensor& tensor : leaves) exact.push_back(tensor.detach().to(at::kDouble).set_requires_grad(true));
  const at::Tensor output = operation(leaves);
  const at::Tensor expected = reference(exact);
  const at::Tensor weights = at::randn(output.sizes()).to(output.scalar_type());
  output.backward(weights);
  expected.backward(weights.to(at::kDouble));
  const auto check_close = [&](const at::Tensor& found, const at::Tensor& wanted) {
    const double scale = std::max(1.0, wanted.abs().max().item<double>());
    CHECK((found.detach().to(at::kDouble) - wanted.detach()).abs().max().item<double>() / scale < tolerance_of(type));
  };
  check_close(output, expected);
  for (std::size_t i = 0; i < leaves.size(); ++i) check_close(leaves[i].grad(), exact[i].grad());
}

std::vector<std::int64_t> random_offsets(Random& random, std::int64_t sequences, std::int64_t longest) {
  std::vector<std::int64_t> offsets{0};
  for (std::int64_t i = 0; i < sequences; ++i) offsets.push_back(offsets.back() + random.between(1, longest));
  return offsets;
}

at::Tensor plain_attention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v,
                           const PackedSequences& sequences, std::int64_t num_heads) {
  const std::int64_t size = q.size(1) / num_heads;
  std::vector<at::Tensor> contexts;
  for (std::size_t i = 0; i + 1 < sequences.query_offsets.size(); ++i) {
    const auto part = [&](const at::Tensor& rows, const std::vector<std::int64_t>& offsets) {
      return rows.narrow(0, offsets[i], offsets[i + 1] - offsets[i]).view({-1, num_heads, size}).transpose(0, 1);
    };
    at::Tensor scores = part(q, sequences.query_offsets).matmul(part(k, sequences.key_offsets).transpose(1, 2)) /
                        std::sqrt(static_cast<double>(size));
    const at::Tensor later = at::ones_like(scores).triu(scores.size(2) - scores.size(1) + 1).to(at::kBool);
    if (sequences.is_causal) scores = scores.masked_fill(later, -INFINITY);
    const at::Tensor context = at::softmax(scores, -1).matmul(part(v, sequences.key_offsets));
    contexts.push_back(context.transpose(0, 1).reshape({-1, q.size(1)}));
  }
  const std::int64_t padding = q.size(0) - sequences.query_offsets.back();
  contexts.push_back(at::zeros({padding, q.size(1)}, q.options().requires_grad(false)));
  return at::cat(contexts, 0);
}

TEST_CASE("Packed attention with random sequences and padding rows touches nothing beside its tensors") {
  for_each_case(6, [](Random& random, GuardedEnd end, at::ScalarType type) {
    const std::int64_t heads = random.between(1, 4);
    const std::int64_t hidden = heads * 16 * random.between(1, 4);
    const std::int64_t sequences = random.between(1, 6);
    const std::vector<std::int64_t> keys = random_offsets(random, sequences, random.is_heads() ? 300 : 20);
    const bool first_only = random.is_heads();
    std::vector<std::int64_t> queries = keys;
    for (std::size_t i = 0; first_only && i < queries.size(); ++i) queries[i] = static_cast<std::int64_t>(i);
    const std::int64_t padding = random.is_heads() ? random.between(1, 9) : 0;
    const PackedSequences packed{queries, keys, random.is_heads()};
    const std::int64_t num_queries = queries.back() + padding;
    const std::int64_t num_keys = keys.back() + padding;
    // Operands of their own, or columns of the rows that one product made.
    std::vector<at::Tensor> leaves;
    if (num_queries == num_keys && random.is_heads()) {
      leaves = {leaf({num_keys, 3 * hidden}, type, end)};
    } else if (random.is_heads()) {
      leaves = {leaf({num_queries, hidden}, type, end), leaf({num_keys, 2 * hidden}, type, end)};
    } else {
      leaves = {leaf({num_queries, hidden}, type, end), leaf({num_keys, hidden}, type, end),
                leaf({num_keys, hidden}, type, end)};
    }
    check_operation(
        leaves, type,
        [&](const std::vector<at::Tensor>& tensors) {
          return packed_attention(AttentionOperands(tensors), packed, heads, 0.0);
        },
        [&](const std::vector<at::Tensor>& tensors) {
          const AttentionOperands operands(tensors);
          return plain_attention(operands.queries(), operands.keys(), operands.values(), packed, heads);
        });
    packed_attention(AttentionOperands(leaves), packed, heads, 0.3).sum().backward();
  });
}

TEST_CASE("Linear maps of random sizes touch nothing beside their tensors") {
  for_each_case(12, [](Random& random, GuardedEnd end, at::ScalarType type) {
    const std::int64_t rows = random.between(1, random.is_heads() ? 40 : 1100);
    const std::int64_t inputs = random.between(1, 400);
    const std::int64_t outputs = random.between(1, 400);
    CAPTURE(rows, inputs, outputs);
    std::vector<at::Tensor> leaves{leaf({rows, inputs}, type, end), leaf({outputs, inputs}, type, end)};
    if (random.is_heads()) leaves.push_back(leaf({outputs}, at::kFloat, end));
    const auto bias = [](const std::vector<at::Tensor>& tensors) {
      return tensors.size() > 2 ? tensors[2] : at::Tensor();
    };
    check_operation(
        leaves, type, [&](const std::vector<at::Tensor>& t) { return llmtool::linear(t[0], t[1], bias(t)); },
        [&](const std::vector<at::Tensor>& t) { return at::linear(t[0], t[1], bias(t)); });
  });
}

TEST_CASE("What stands between products touches nothing beside its tensors") {
  for_each_case(8, [](Random& random, GuardedEnd end, at::ScalarType type) {
    const std::int64_t rows = random.between(1, 300);
    const std::int64_t size = 2 * random.between(1, 250);
    CAPTURE(rows, size);
    using Tensors = std::vector<at::Tensor>;
    check_operation(
        {leaf({rows, size}, type, end)}, type, [](const Tensors& t) { return llmtool::gelu(t[0]); },
        [](const Tensors& t) { return at::gelu(t[0]); });
    check_operation(
        {leaf({rows, size}, type, end)}, type, [](const Tensors& t) { return gated_gelu(t[0]); },
        [&](const Tensors& t) { return at::gelu(t[0].narrow(1, 0, size / 2)) * t[0].narrow(1, size / 2, size / 2); });
    check_operation(
        {leaf({rows, size}, type, end), leaf({rows, size}, type, end), leaf({size}, at::kFloat, end),
         leaf({size}, at::kFloat, end)},
        type,
        [](const Tensors& t) {
          return residual_norm(t[0], t[1], {t[2], t[3], 1e-5}, 0.0);
        },
        [&](const Tensors& t) { return at::layer_norm(t[0] + t[1], {size}, t[2], t[3], 1e-5); });
    const at::Tensor dropped = llmtool::dropout(leaf({rows, size}, type, end), 0.5);
    dropped.sum().backward();
  });
}

TEST_CASE("Turning heads touches nothing beside its tensors") {
  for_each_case(8, [](Random& random, GuardedEnd end, at::ScalarType type) {
    const std::int64_t rows = random.between(1, 300);
    const std::int64_t heads = random.between(1, 4);
    const std::int64_t half = random.between(1, 40);
    const std::int64_t hidden = heads * 2 * half;
    const at::Tensor angles = at::randn({rows, half});
    const at::Tensor cosines = testing::guarded_operand(angles.cos(), end);
    const at::Tensor sines = testing::guarded_operand(angles.sin(), end);
    const auto turned = [&](const at::Tensor& part) {
      const at::Tensor parts = part.view({rows, heads, 2, half});
      const at::Tensor first = parts.select(2, 0);
      const at::Tensor second = parts.select(2, 1);
      const at::Tensor c = cosines.to(at::kDouble).unsqueeze(1);
      const at::Tensor s = sines.to(at::kDouble).unsqueeze(1);
      return at::stack({first * c - second * s, second * c + first * s}, 2).reshape({rows, hidden});
    };
    check_operation(
        {leaf({rows, 3 * hidden}, type, end)}, type,
        [&](const std::vector<at::Tensor>& t) { return rotate_queries_and_keys(t[0], cosines, sines); },
        [&](const std::vector<at::Tensor>& t) {
          return at::cat({turned(t[0].narrow(1, 0, hidden)), turned(t[0].narrow(1, hidden, hidden)),
                          t[0].narrow(1, 2 * hidden, hidden)},
                         1);
        });
  });
}

TEST_CASE("The vocabulary loss touches nothing beside its tensors") {
  for_each_case(6, [](Random& random, GuardedEnd end, at::ScalarType) {
    const std::int64_t rows = random.between(1, 200);
    const std::int64_t hidden = random.between(1, 80);
    const std::int64_t vocabulary = random.between(2, 3000);
    CAPTURE(rows, hidden, vocabulary);
    const at::Tensor targets = testing::guarded_operand(at::randint(vocabulary, {rows}, at::kLong), end);
    std::vector<at::Tensor> leaves{leaf({rows, hidden}, at::kFloat, end), leaf({vocabulary, hidden}, at::kFloat, end)};
    if (random.is_heads()) leaves.push_back(leaf({vocabulary}, at::kFloat, end));
    const auto bias = [](const std::vector<at::Tensor>& tensors) {
      return tensors.size() > 2 ? tensors[2] : at::Tensor();
    };
    check_operation(
        leaves, at::kFloat,
        [&](const std::vector<at::Tensor>& t) { return vocabulary_loss(t[0], t[1], bias(t), targets); },
        [&](const std::vector<at::Tensor>& t) {
          return at::cross_entropy_loss(at::linear(t[0], t[1], bias(t)), targets, {}, at::Reduction::Sum);
        });
    judge_targets(leaves[0], leaves[1], bias(leaves), targets);
  });
}

}  // namespace
}  // namespace llmtool
