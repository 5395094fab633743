#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/optim/parameter_store.h"
#include "llmtool/training/trainable.h"
#include "llmtool/training/trainer.h"

namespace llmtool::testing {

// A regression by a small network with dropout: enough for everything the trainer promises. Its examples carry
// weights, so that the loss has denominators of its own.
class SmallTrainable : public Trainable {
 public:
  explicit SmallTrainable(std::int64_t num_examples, std::uint64_t seed = 1, double dropout = 0.3);

  std::int64_t num_examples() const override { return inputs_.size(0); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t /*epoch*/) const override { return example % 4 + 1; }
  std::string describe_example(std::int64_t example) const override {
    return "small.csv:" + std::to_string(example + 2);
  }
  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch) override;
  std::vector<LossTerm> loss(const Batch& batch) override;
  ParameterStore& parameters() override { return store_; }
  // The mean squared error as "error", or what scripted_evaluation says.
  MetricReport evaluate(EventSink& events) override;
  void save_model(const std::filesystem::path& directory) const override;
  void load_model(const std::filesystem::path& directory) override;

  // What a test may change or look at.
  std::function<MetricReport(std::int64_t evaluation)> scripted_evaluation;
  std::function<void()> before_saving = [] {};
  bool square_root_loss = false;  // infinite gradient at an error of 0
  at::Tensor inputs_;             // [examples, 4]
  at::Tensor targets_;            // [examples, 1]
  std::int64_t num_losses = 0;
  std::int64_t num_evaluations = 0;

 private:
  at::Tensor forward(const at::Tensor& inputs, bool training) const;

  double dropout_;
  ParameterStore store_;
};

MetricReport report_of(const std::string& name, std::optional<double> value);

// Collects messages by level.
struct CollectedEvents : EventSink {
  void log(LogLevel level, const std::string& message, const Json& fields) override;
  void progress(const Progress& progress) override { progresses.emplace_back(progress.name); }
  std::vector<std::string> infos;
  std::vector<std::string> warnings;
  std::vector<std::string> progresses;
};

// A seeded shuffle of all examples in each epoch.
EpochOrder shuffled(std::int64_t num_examples);
// 0, 1, 2, … in each epoch.
EpochOrder in_order(std::int64_t num_examples);

// Trains with a group of one process and without a log.
TrainingResult train_alone(SmallTrainable& trainable, const EpochOrder& order, const TrainerOptions& options,
                           EventSink& events = silent_events());

}  // namespace llmtool::testing
