#pragma once

#include <memory>
#include <string>

#include "llmtool/commands/task_trainable.h"
#include "llmtool/commands/training_request.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {

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

}  // namespace llmtool
