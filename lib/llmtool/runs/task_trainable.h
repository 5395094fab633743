#pragma once

#include <c10/core/Device.h>

#include <memory>
#include <optional>
#include <vector>

#include "llmtool/metrics/report.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/runs/finished_run.h"
#include "llmtool/tasks/task.h"
#include "llmtool/training/trainer.h"

namespace llmtool {

// A run as the trainer sees it: a task, and the model that learns it. Config, task and tokenizer must outlive it.
class TaskTrainable : public Trainable {
 public:
  // Puts the model on the device, in training mode, with the kernels and the (resolved) precision of the config.
  TaskTrainable(const RunConfig& config, const Task& task, const RunTokenizer& tokenizer, std::shared_ptr<Model> model,
                c10::Device device);

  std::int64_t num_examples() const override { return training().size(); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override {
    return training().num_tokens(example, epoch);
  }
  std::string describe_example(std::int64_t example) const override { return training().describe(example); }
  std::unique_ptr<Batch> make_batch(const MicroBatch& micro_batch) override {
    return task_.make_batch(micro_batch, device_);
  }
  std::vector<LossTerm> loss(const Batch& batch) override { return task_.loss(*model_, batch); }
  ParameterStore& parameters() override { return parameters_; }
  MetricReport evaluate(EventSink& events) override { return *score(DataPart::kValidation, events); }
  void save_model(const std::filesystem::path& directory) const override;
  void load_model(const std::filesystem::path& directory) override;

  bool has_validation() const { return task_.find_examples(DataPart::kValidation) != nullptr; }
  EpochOrder epoch_order() const;
  // Figures of a part of the data with the present weights, in fp32; unset where the config names no such part.
  std::optional<MetricReport> score(DataPart part, EventSink& events);
  // Of the data, for all_results.json: train_samples, num_truncated, …
  Json counts() const;
  std::vector<CardSplit> card_splits() const;

 private:
  ScoringOptions scoring_options() const;
  const Examples& training() const { return *task_.find_examples(DataPart::kTraining); }

  const RunConfig& config_;
  const Task& task_;
  const RunTokenizer& tokenizer_;
  std::shared_ptr<Model> model_;
  c10::Device device_;
  ParameterStore parameters_;
};

}  // namespace llmtool
