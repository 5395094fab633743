#include "llmtool/inference/session_options.h"
#include "llmtool/metrics/report.h"
#include "llmtool/runs/training_run.h"
#include "llmtool/training/step_profile.h"
#include "run_config_file.h"
#include "stop_signals.h"
#include "threads.h"
#include "torch/machine.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

TrainingRequest make_request(const TrainingRunOptions& options, const Context& context) {
  TrainingRequest request;
  request.config = read_training_config(options);
  request.config_file = options.config;
  request.resume = options.resume == Resume::kAuto;
  request.overwrite = options.overwrite;
  request.profile = options.profile;
  request.log_data = options.log_data;
  request.device = choose_device(context);
  Precision& precision = request.config.training.trainer.precision;
  precision = resolve_precision(precision, request.device, "training.precision");
  request.num_threads = choose_threads(context.common.threads).threads;
  request.environment = describe_environment(context);
  StopSignals& stop_signals = *context.stop_signals;
  request.stop_requested = [&stop_signals] { return stop_signals.was_asked(); };
  request.stage_begins = [&stop_signals](RunStage stage) {
    if (stage == RunStage::kTraining) stop_signals.ask();
    if (stage == RunStage::kFinishing) stop_signals.end_with(kStoppedWhileFinishing);
  };
  return request;
}

std::string section(const std::string& title, const std::optional<MetricReport>& report) {
  return report ? title + "\n" + report_table(*report) + "\n" : "";
}

void print_result(const TrainingRequest& request, const TrainingRunResult& result, const Context& context) {
  if (context.common.json) return print_json(result.all_results);
  const auto profile = result.all_results.find("profile");
  if (profile != result.all_results.end()) print(profile_table(*profile) + "\n");
  print(section("validation", result.validation) + section("test", result.test) + "model " + request.config.output_dir +
        "\n");
}

ExitCode run_training_verb(const TrainingRunOptions& options, Context& context) {
  set_up_process(context);
  const TrainingRequest request = make_request(options, context);
  print_result(request, run_training(request, context.log()), context);
  return ExitCode::kOk;
}

const Work<TrainingRunOptions, run_training_verb> kTraining;

}  // namespace
}  // namespace llmtool::app
