#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/report.h"
#include "llmtool/runs/task_trainable.h"
#include "llmtool/tasks/run_config.h"
#include "llmtool/tasks/run_record.h"

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

// What is known of a model before its weights: its config.json, which for a model from scratch is still to be.
struct ModelDescription {
  Json config;
  std::string source;  // for messages
};

// A run made ready: config resolved, data read and checked, but no weights loaded yet.
struct PreparedRun {
  // The effective config with the hashes of everything that was read.
  RunRecord record;
  std::unique_ptr<Task> task;
  RunTokenizer tokenizer;
  ModelDescription model;
};

// Reads everything the config names, in the order in which it can fail cheaply. Throws what data, tokenizer and model
// throw.
PreparedRun prepare_run(const TrainingRequest& request, EventSink& events);

// Loads or draws the weights and logs what the run starts from. The run must outlive what this returns.
TaskTrainable load_run(const PreparedRun& run, const TrainingRequest& request, EventSink& events);

struct TrainingRunResult {
  bool was_finished = false;  // the run had ended before: nothing was done
  Json all_results = Json::object();
  std::optional<MetricReport> validation;
  std::optional<MetricReport> test;
};

// What a stop is told as while a trained model is scored and its files are written.
inline constexpr const char* kStoppedWhileFinishing =
    "stopped after training, while the model was scored and written; checkpoints are saved: run the same command again "
    "to finish";

// Trains into config.output_dir, or continues there. Throws ConfigError when the folder holds a run of another config
// or data, StoppedError after saving on request, and what data, model and training throw.
TrainingRunResult run_training(const TrainingRequest& request, EventSink& events);

}  // namespace llmtool
