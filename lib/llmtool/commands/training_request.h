#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>

#include "llmtool/core/json.h"
#include "llmtool/tasks/run_config.h"

namespace llmtool {

// What a run does, which decides what a stop costs: only while it trains there is something to save first.
enum class RunStage { kPreparing, kTraining, kFinishing };

// One `llmtool finetune` or `llmtool pretrain`, everything of the command line and the machine resolved.
struct TrainingRequest {
  RunConfig config;
  std::filesystem::path config_file;  // that it was read from
  bool resume = true;                 // continue an unfinished run of the same config
  bool overwrite = false;             // delete what an earlier run left
  bool profile = false;               // measure where the time of a step goes
  bool log_data = false;              // log three decoded inputs
  c10::Device device = c10::Device(c10::DeviceType::CPU);
  std::int64_t num_threads = 1;
  Json environment = Json::object();  // recorded in llmtool.lock.json
  std::function<bool()> stop_requested = [] { return false; };
  // Told when the next stage begins. Before and behind kTraining the process may be ended at any moment.
  std::function<void(RunStage)> stage_begins = [](RunStage) {};
};

}  // namespace llmtool
