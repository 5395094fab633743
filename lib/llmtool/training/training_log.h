#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace llmtool {

// Figures of one moment of a run, in the order they are shown.
using Scalars = std::vector<std::pair<std::string, double>>;

// Where a run's figures over time go: metrics.jsonl, TensorBoard events.
class TrainingLog {
 public:
  virtual ~TrainingLog() = default;
  // Called before anything else: figures of steps after `step` (0: all) belong to a part of the run that is redone.
  virtual void start_after(std::int64_t step) = 0;
  virtual void add(std::int64_t step, double epoch, const Scalars& scalars) = 0;
};

// Hands everything to each of several logs.
std::unique_ptr<TrainingLog> join_logs(std::vector<std::unique_ptr<TrainingLog>> logs);

}  // namespace llmtool
