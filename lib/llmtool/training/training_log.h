#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace llmtool {

// Figures of one moment of a run, in the order they are shown: transformers' names (loss, learning_rate, grad_norm,
// eval_accuracy).
using Scalars = std::vector<std::pair<std::string, double>>;

// Where a run's figures over time go.
class TrainingLog {
 public:
  virtual ~TrainingLog() = default;
  // Called once, before anything else: figures of steps after `step` (0: all) belong to a part that is done again.
  virtual void start_after(std::int64_t step) = 0;
  virtual void add(std::int64_t step, double epoch, const Scalars& scalars) = 0;
};

// One JSON object a line: {"step": 10, "epoch": 0.5, "loss": 0.41, …}. Throws ResourceError.
std::unique_ptr<TrainingLog> make_metrics_file_log(const std::filesystem::path& path);

// A TensorBoard event file in `directory`, with the tags transformers uses: train/loss, eval/accuracy.
// Throws ResourceError.
std::unique_ptr<TrainingLog> make_tensorboard_log(const std::filesystem::path& directory);

// Hands everything to each of several logs.
std::unique_ptr<TrainingLog> join_logs(std::vector<std::unique_ptr<TrainingLog>> logs);

}  // namespace llmtool
