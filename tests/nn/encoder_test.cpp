#include "llmtool/nn/encoder.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <catch2/catch.hpp>

#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/layers.h"

namespace llmtool {
namespace {

void randomize(torch::nn::Module& module) {
  const at::NoGradGuard no_grad;
  at::manual_seed(5);
  for (at::Tensor& parameter : module.parameters()) parameter.normal_(0.0, 0.3);
}

EncoderOptions small_encoder() {
  EncoderOptions options;
  options.num_layers = 2;
  options.hidden_size = 8;
  options.num_heads = 2;
  options.intermediate_size = 12;
  options.attention_output_dropout = 0.3;
  options.output_dropout = 0.3;
  options.attention_dropout = 0.3;
  return options;
}

double largest_distance(const at::Tensor& left, const at::Tensor& right) {
  return (left - right).abs().max().item<double>();
}

TEST_CASE("A sequence is encoded alike alone and within a batch") {
  Encoder encoder(small_encoder(), at::kCPU);
  randomize(encoder);
  encoder.eval();
  const SequenceLayout layout({3, 7, 1});
  const at::Tensor rows = at::randn({layout.num_tokens(), 8});
  const at::Tensor together = encoder.forward(rows, layout).last_hidden_state;
  const at::Tensor alone = encoder.forward(rows.narrow(0, 3, 7), SequenceLayout({7})).last_hidden_state;
  CHECK(largest_distance(alone, together.narrow(0, 3, 7)) < 1e-6);
}

TEST_CASE("Dropout acts in training mode only and follows the global generator") {
  Encoder encoder(small_encoder(), at::kCPU);
  randomize(encoder);
  const SequenceLayout layout({4, 4});
  const at::Tensor rows = at::randn({8, 8});
  const auto run = [&](std::uint64_t seed) {
    at::manual_seed(seed);
    return encoder.forward(rows, layout).last_hidden_state;
  };
  encoder.train();
  CHECK(run(1).equal(run(1)));
  CHECK_FALSE(run(1).equal(run(2)));
  encoder.eval();
  CHECK(run(1).equal(run(2)));
}

TEST_CASE("Hidden states and attentions come on request") {
  Encoder encoder(small_encoder(), at::kCPU);
  randomize(encoder);
  encoder.eval();
  const SequenceLayout layout({2, 3});
  const at::Tensor rows = at::randn({5, 8});
  const EncoderResult plain = encoder.forward(rows, layout);
  CHECK(plain.hidden_states.empty());
  CHECK(plain.attentions.empty());
  const EncoderResult full = encoder.forward(rows, layout, {true, true});
  REQUIRE(full.hidden_states.size() == 3);
  CHECK(full.hidden_states.front().equal(rows));
  CHECK(full.hidden_states.back().equal(full.last_hidden_state));
  CHECK(full.attentions.size() == 2);
  CHECK(largest_distance(full.last_hidden_state, plain.last_hidden_state) < 1e-6);
}

TEST_CASE("The padding row of an embedding gets no gradient") {
  Embedding embedding(4, 2, 0, at::kCPU);
  randomize(embedding);
  embedding.forward(at::tensor({0, 1, 1}, at::kLong)).sum().backward();
  const at::Tensor gradient = embedding.weight.grad();
  CHECK(gradient[0].abs().sum().item<double>() == 0.0);
  CHECK(gradient[1].sum().item<double>() == 4.0);
}

TEST_CASE("Undefined type ids mean type 0") {
  TextEmbeddingsOptions options;
  options.vocabulary_size = 5;
  options.num_positions = 4;
  options.num_types = 2;
  options.hidden_size = 6;
  TextEmbeddings embeddings(options, at::kCPU);
  randomize(embeddings);
  const SequenceLayout layout({2, 1});
  const at::Tensor ids = at::tensor({1, 2, 3}, at::kLong);
  CHECK(embeddings.forward(ids, at::Tensor(), layout).equal(embeddings.forward(ids, at::zeros_like(ids), layout)));
}

TEST_CASE("Activations are the functions their names say") {
  const at::Tensor input = at::tensor({-1.0F, 0.5F});
  const auto second = [&](Activation activation) { return activate(input, activation)[1].item<double>(); };
  CHECK(second(Activation::kGelu) == Approx(0.345731).margin(1e-6));
  CHECK(second(Activation::kGeluTanh) == Approx(0.345714).margin(1e-6));
  CHECK(second(Activation::kRelu) == 0.5);
  CHECK(second(Activation::kSilu) == Approx(0.311230).margin(1e-6));
  CHECK(second(Activation::kTanh) == Approx(0.462117).margin(1e-6));
}

EncoderOptions kernel_sized_encoder() {
  EncoderOptions options;
  options.num_layers = 2;
  options.hidden_size = 64;
  options.num_heads = 2;
  options.intermediate_size = 96;
  return options;
}

struct Pass {
  at::Tensor output;
  std::vector<at::Tensor> gradients;
};

Pass run_pass(Encoder& encoder, const at::Tensor& rows, const SequenceLayout& layout,
              const EncoderRequest& request = {}) {
  encoder.zero_grad();
  Pass pass;
  pass.output = encoder.forward(rows, layout, request).last_hidden_state;
  at::manual_seed(8);
  pass.output.backward(at::randn(pass.output.sizes()).to(pass.output.scalar_type()));
  for (const at::Tensor& parameter : encoder.parameters())
    if (parameter.grad().defined()) pass.gradients.push_back(parameter.grad().clone());
  return pass;
}

TEST_CASE("An encoder computes the same with the kernels and without, gradients included") {
  for (const bool is_pre_norm : {false, true}) {
    EncoderOptions options = kernel_sized_encoder();
    options.is_pre_norm = is_pre_norm;
    Encoder encoder(options, at::kCPU);
    randomize(encoder);
    const SequenceLayout layout({9, 1, 17});
    const at::Tensor rows = at::randn({layout.num_tokens(), 64});
    const Pass fast = run_pass(encoder, rows, layout);
    use_kernels(encoder, false);
    const Pass plain = run_pass(encoder, rows, layout);
    CHECK(at::allclose(fast.output, plain.output, 1e-4, 1e-5));
    REQUIRE(fast.gradients.size() == plain.gradients.size());
    for (std::size_t i = 0; i < fast.gradients.size(); ++i)
      CHECK(at::allclose(fast.gradients[i], plain.gradients[i], 1e-3, 1e-3));
  }
}

TEST_CASE("With working copies in bf16 an encoder trains in bf16 and evaluates in fp32") {
  Encoder encoder(kernel_sized_encoder(), at::kCPU);
  randomize(encoder);
  const SequenceLayout layout({9, 1, 17});
  const at::Tensor rows = at::randn({layout.num_tokens(), 64});
  const Pass exact = run_pass(encoder, rows, layout);
  const std::vector<WorkingCopy> copies = make_working_copies(encoder, at::kBFloat16);
  CHECK(copies.size() == 12);
  for (const bool with_kernels : {true, false}) {
    use_kernels(encoder, with_kernels);
    encoder.train();
    const Pass rounded = run_pass(encoder, rows, layout);
    CHECK(rounded.output.scalar_type() == at::kBFloat16);
    CHECK(at::cosine_similarity(rounded.output.to(at::kFloat), exact.output, 1).min().item<double>() > 0.999);
    for (const WorkingCopy& working : copies) {
      CHECK_FALSE(working.weight.grad().defined());
      CHECK(working.copy.grad().scalar_type() == at::kBFloat16);
    }
    encoder.eval();
    CHECK(at::allclose(encoder.forward(rows, layout).last_hidden_state, exact.output, 1e-4, 1e-5));
  }
}

TEST_CASE("First tokens alone are encoded as among all") {
  Encoder encoder(kernel_sized_encoder(), at::kCPU);
  randomize(encoder);
  const SequenceLayout layout({9, 1, 17});
  const at::Tensor rows = at::randn({layout.num_tokens(), 64});
  EncoderRequest request;
  request.first_tokens_only = true;
  const at::Tensor all = encoder.forward(rows, layout).last_hidden_state;
  const at::Tensor first = encoder.forward(rows, layout, request).last_hidden_state;
  CHECK(at::allclose(first, all.index_select(0, layout.first_rows()), 1e-4, 1e-5));
  use_kernels(encoder, false);
  CHECK(at::allclose(encoder.forward(rows, layout, request).last_hidden_state, first, 1e-4, 1e-5));
}

TEST_CASE("The sparse gradient of a large table is the dense one") {
  Embedding table(5000, 8, 3, at::kCPU);
  randomize(table);
  const at::Tensor ids = at::tensor({7, 3, 4999, 7}, at::kLong);
  table.forward(ids).sum().backward();
  CHECK(table.weight.grad().is_sparse());
  const at::Tensor sparse = table.weight.grad().to_dense();
  table.zero_grad();
  table.use_kernels(false);
  table.forward(ids).sum().backward();
  CHECK_FALSE(table.weight.grad().is_sparse());
  CHECK(sparse.equal(table.weight.grad()));
}

}  // namespace
}  // namespace llmtool
