#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/training/trainer.h"

namespace llmtool::testing {

// Keeps every figure by name, one a step.
class RecordedLog : public TrainingLog {
 public:
  void start_after(std::int64_t) override {}
  void add(std::int64_t, double, const Scalars& scalars) override {
    for (const auto& [name, value] : scalars) figures[name].push_back(value);
  }
  std::map<std::string, std::vector<double>> figures;
};

// Trains as the case says, in the order of the examples, and checks losses and gradient norms of every step and the
// weights after the last, in the file `weights`, against it.
void check_training(const Json& golden, const std::filesystem::path& weights, Trainable& trainable);

}  // namespace llmtool::testing
