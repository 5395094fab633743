#pragma once

#include <c10/core/Device.h>

#include <functional>
#include <optional>

#include "llmtool/commands/run_config.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/metrics/report.h"

namespace llmtool {

// One `llmtool finetune`, everything of the command line and the machine resolved.
struct FinetuneRequest {
  RunConfig config;
  bool resume = true;      // continue an unfinished run of the same config
  bool overwrite = false;  // delete what an earlier run left
  bool log_data = false;   // log three decoded inputs
  c10::Device device = c10::Device(c10::DeviceType::CPU);
  std::int64_t num_threads = 1;
  Json environment = Json::object();  // recorded in llmtool.lock.json
  std::function<bool()> stop_requested = [] { return false; };
};

struct FinetuneResult {
  bool was_finished = false;  // the run had ended before: nothing was done
  Json all_results = Json::object();
  std::optional<MetricReport> validation;
  std::optional<MetricReport> test;
};

// Fine-tunes into config.output_dir, or continues there. Throws ConfigError when the folder holds a run of another
// config or data, StoppedError after saving on request, and what data, model and training throw.
FinetuneResult finetune(const FinetuneRequest& request, EventSink& events);

}  // namespace llmtool
