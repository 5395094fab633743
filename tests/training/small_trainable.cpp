#include "small_trainable.h"

#include <ATen/ATen.h>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/random.h"
#include "llmtool/training/checkpoint.h"

namespace llmtool::testing {

SmallTrainable::SmallTrainable(std::int64_t num_examples, std::uint64_t seed, double dropout) : dropout_(dropout) {
  at::manual_seed(99);
  inputs_ = at::randn({num_examples, 4});
  targets_ = at::sin(inputs_).sum(1, true);
  at::manual_seed(seed);
  store_.add("hidden.weight", at::randn({8, 4}) * 0.5);
  store_.add("hidden.bias", at::zeros({8}));
  store_.add("output.weight", at::randn({1, 8}) * 0.5);
  store_.add("output.bias", at::zeros({1}));
}

at::Tensor SmallTrainable::forward(const at::Tensor& inputs, bool training) const {
  const auto& p = store_.parameters();
  const at::Tensor hidden = at::tanh(at::linear(inputs, p[0].value, p[1].value));
  return at::linear(at::dropout(hidden, dropout_, training), p[2].value, p[3].value);
}

namespace {

struct SmallBatch : Batch {
  at::Tensor index;    // int64 [examples]
  at::Tensor weights;  // [examples, 1]
};

}  // namespace

std::unique_ptr<Batch> SmallTrainable::make_batch(const MicroBatch& micro_batch) {
  auto batch = std::make_unique<SmallBatch>();
  std::vector<float> weights;
  for (const std::int64_t example : micro_batch.examples) weights.push_back(static_cast<float>(example % 3 + 1));
  batch->index = at::tensor(std::vector<std::int64_t>(micro_batch.examples.begin(), micro_batch.examples.end()));
  batch->weights = at::tensor(weights).unsqueeze(1);
  batch->denominators = {batch->weights.sum().item<double>(), static_cast<double>(micro_batch.examples.size())};
  return batch;
}

std::vector<LossTerm> SmallTrainable::loss(const Batch& batch) {
  ++num_losses;
  const auto& small = static_cast<const SmallBatch&>(batch);
  const at::Tensor predicted = forward(inputs_.index_select(0, small.index), true);
  const at::Tensor squared = (predicted - targets_.index_select(0, small.index)).square();
  const at::Tensor error = square_root_loss ? (squared * 0.0).sqrt() : squared;
  return {{"error", (error * small.weights).sum(), 1.0}, {"size", predicted.square().sum(), 0.01}};
}

MetricReport SmallTrainable::evaluate(EventSink& events) {
  const at::NoGradGuard no_grad;
  ++num_evaluations;
  events.progress({"evaluating validation", 1, 2, "rows", ""});
  at::rand({3});  // an evaluation that draws must not change the training
  events.progress({"evaluating validation", 2, 2, "rows", ""});
  if (scripted_evaluation) return scripted_evaluation(num_evaluations);
  return report_of("error", (forward(inputs_, false) - targets_).square().mean().item<double>());
}

void SmallTrainable::save_model(const std::filesystem::path& directory) const {
  std::vector<NamedTensorValue> values;
  for (const Parameter& parameter : store_.parameters()) values.push_back({parameter.name, parameter.value});
  save_tensors(directory / "model.safetensors", values);
  before_saving();
  write_file_atomically(directory / "config.json", "{}\n");
}

void SmallTrainable::load_model(const std::filesystem::path& directory) {
  const at::NoGradGuard no_grad;
  for (const auto& [name, value] : load_tensors(directory / "model.safetensors")) store_.find(name)->value.copy_(value);
  store_.refresh_working_copies();
}

MetricReport report_of(const std::string& name, std::optional<double> value) {
  MetricReport report;
  report.metrics.push_back({name, value, value ? "" : "one class only"});
  return report;
}

void CollectedEvents::log(LogLevel level, const std::string& message, const Json&) {
  if (level == LogLevel::kInfo) infos.push_back(message);
  if (level == LogLevel::kWarning) warnings.push_back(message);
}

EpochOrder shuffled(std::int64_t num_examples) {
  return [num_examples](std::int64_t epoch) {
    return random_permutation(num_examples, CounterRandom(7, static_cast<std::uint64_t>(epoch)));
  };
}

EpochOrder in_order(std::int64_t num_examples) {
  return [num_examples](std::int64_t) {
    std::vector<std::int64_t> order(static_cast<std::size_t>(num_examples));
    for (std::int64_t i = 0; i < num_examples; ++i) order[static_cast<std::size_t>(i)] = i;
    return order;
  };
}

namespace {

class SilentLog : public TrainingLog {
 public:
  void start_after(std::int64_t) override {}
  void add(std::int64_t, double, const Scalars&) override {}
};

}  // namespace

TrainingResult train_alone(SmallTrainable& trainable, const EpochOrder& order, const TrainerOptions& options,
                           EventSink& events) {
  const auto group = make_single_process_group();
  SilentLog log;
  return train(trainable, order, options, *group, log, events);
}

}  // namespace llmtool::testing
