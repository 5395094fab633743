// Floating-point operations a second of LibTorch's matrix products at the shapes of linear layers, on all cores: the
// forward product and both of the backward pass, by each way LibTorch has of computing them. One benchmark is named
// ROWSxINPUTSxOUTPUTS/precision/pass/way.
// Usage: llmtool_gemm_benchmarks [--benchmark_…] ROWSxINPUTSxOUTPUTS…
#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <benchmark/benchmark.h>

#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace {

// One linear layer on `rows` rows, as it stands in memory.
struct Layer {
  Layer(std::int64_t rows, std::int64_t inputs, std::int64_t outputs, at::ScalarType type)
      : input(at::randn({rows, inputs}).to(type)),
        weight(at::randn({outputs, inputs}).mul(0.02).to(type)),
        output_gradient(at::randn({rows, outputs}).to(type)) {}

  at::Tensor input;            // [rows, inputs]
  at::Tensor weight;           // [outputs, inputs]
  at::Tensor output_gradient;  // [rows, outputs]
};

// left right^T by oneDNN, which at::linear leaves to MKL in fp32.
at::Tensor onednn_linear(const at::Tensor& left, const at::Tensor& right) {
  using Signature = at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, c10::string_view,
                               c10::List<std::optional<at::Scalar>>, std::optional<c10::string_view>);
  static const auto operation =
      c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn::_linear_pointwise", "").typed<Signature>();
  return operation.call(left, right, std::nullopt, "none", c10::List<std::optional<at::Scalar>>(), "");
}

using Multiply = at::Tensor (*)(const at::Tensor& left, const at::Tensor& right);  // left right^T

at::Tensor linear(const at::Tensor& left, const at::Tensor& right) { return at::linear(left, right); }
at::Tensor mm(const at::Tensor& left, const at::Tensor& right) { return at::mm(left, right.t()); }

struct Way {
  const char* name;
  Multiply multiply;
};

struct Pass {
  const char* name;
  at::Tensor (*run)(const Layer& layer, Multiply multiply);
};

at::Tensor forward(const Layer& layer, Multiply multiply) { return multiply(layer.input, layer.weight); }
at::Tensor input_gradient(const Layer& layer, Multiply multiply) {
  return multiply(layer.output_gradient, layer.weight.t());
}
at::Tensor weight_gradient(const Layer& layer, Multiply multiply) {
  return multiply(layer.output_gradient.t(), layer.input.t());
}

void measure(benchmark::State& state, const Layer& layer, const Pass& pass, Multiply multiply) {
  const at::NoGradGuard no_gradients;
  try {
    pass.run(layer, multiply);
  } catch (const std::exception&) {  // oneDNN has no bf16 products for every processor
    state.SkipWithError("not to be had on this processor");
    return;
  }
  for (auto _ : state) benchmark::DoNotOptimize(pass.run(layer, multiply));
  const double operations = 2.0 * static_cast<double>(layer.input.numel()) * static_cast<double>(layer.weight.size(0));
  state.counters["flops"] = benchmark::Counter(operations, benchmark::Counter::kIsIterationInvariantRate);
}

void register_shape(const std::string& shape) {
  std::int64_t rows = 0;
  std::int64_t inputs = 0;
  std::int64_t outputs = 0;
  if (std::sscanf(shape.c_str(), "%ldx%ldx%ld", &rows, &inputs, &outputs) != 3 || rows < 1 || inputs < 1 || outputs < 1)
    throw std::invalid_argument("'" + shape + "' is not a shape; write ROWSxINPUTSxOUTPUTS, for example 512x384x1536");
  const std::vector<Way> ways{{"linear", linear}, {"mm", mm}, {"onednn", onednn_linear}};
  const std::vector<Pass> passes{
      {"forward", forward}, {"input_gradient", input_gradient}, {"weight_gradient", weight_gradient}};
  const std::vector<std::pair<const char*, at::ScalarType>> precisions{{"fp32", at::kFloat}, {"bf16", at::kBFloat16}};
  for (const auto& [precision, type] : precisions)
    for (const Pass& pass : passes)
      for (const Way& way : ways) {
        const std::string name = shape + "/" + precision + "/" + pass.name + "/" + way.name;
        const auto run = [=](benchmark::State& state) {
          measure(state, Layer(rows, inputs, outputs, type), pass, way.multiply);
        };
        benchmark::RegisterBenchmark(name.c_str(), run)->UseRealTime();
      }
}

int run(int argument_count, char** arguments) {
  benchmark::Initialize(&argument_count, arguments);
  if (argument_count < 2) {
    std::fprintf(stderr, "usage: %s [--benchmark_…] ROWSxINPUTSxOUTPUTS…\n", arguments[0]);
    return 2;
  }
  for (int i = 1; i < argument_count; ++i) register_shape(arguments[i]);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}

}  // namespace

int main(int argument_count, char** arguments) {
  try {
    return run(argument_count, arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
}
