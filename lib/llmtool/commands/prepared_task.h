#pragma once

#include <memory>
#include <optional>
#include <string>

#include "llmtool/commands/model_card.h"
#include "llmtool/commands/run_record.h"
#include "llmtool/commands/training_request.h"
#include "llmtool/core/events.h"
#include "llmtool/metrics/report.h"
#include "llmtool/training/trainer.h"

namespace llmtool {

// What the trainer drives, with what the run around it must know.
class RunTrainable : public Trainable {
 public:
  virtual EpochOrder epoch_order() const = 0;
  virtual bool has_validation() const = 0;
  // Figures with the present weights, in fp32; unset without that part of the data.
  virtual std::optional<MetricReport> score_validation(EventSink& events) = 0;
  virtual std::optional<MetricReport> score_test(EventSink& events) = 0;
  // Counts for all_results.json: train_samples, num_truncated, …
  virtual Json counts() const = 0;
  virtual TaskCard card() const = 0;
};

// A task made ready: config resolved, data read and checked, but no weights loaded yet.
class PreparedTask {
 public:
  virtual ~PreparedTask() = default;
  // The effective config with the hashes of everything that was read.
  virtual const RunRecord& record() const = 0;
  // Loads or draws the weights and logs what the run starts from. The task must outlive what it returns.
  virtual std::unique_ptr<RunTrainable> load(EventSink& events) = 0;
};

// Reads everything the config names, in the order in which it can fail cheaply. Throws what data, tokenizer and model
// throw.
std::unique_ptr<PreparedTask> prepare_classification(const TrainingRequest& request, EventSink& events);
std::unique_ptr<PreparedTask> prepare_language_model(const TrainingRequest& request, EventSink& events);
std::unique_ptr<PreparedTask> prepare_contrastive(const TrainingRequest& request, EventSink& events);

// SHA-256 over the weight files of a model folder.
std::string weights_hash(const std::string& directory);

// The order of `lengths` examples that the config asks for.
EpochOrder make_epoch_order(const RunConfig& config, std::vector<std::int64_t> lengths);

}  // namespace llmtool
