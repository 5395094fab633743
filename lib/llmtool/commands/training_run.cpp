#include "llmtool/commands/training_run.h"

#include <filesystem>
#include <utility>
#include <vector>

#include "llmtool/commands/finished_run.h"
#include "llmtool/commands/kept_sources.h"
#include "llmtool/commands/prepared_run.h"
#include "llmtool/commands/run_directory.h"
#include "llmtool/commands/run_log.h"
#include "llmtool/commands/run_state.h"
#include "llmtool/core/file_system.h"
#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

void require_rereadable(const std::string& field, const std::string& file) {
  if (!can_be_read_again(file))
    throw DataError(field + ": " + quote(file) +
                    " can be read only once, but a run reads its data again when it goes on; write it to a file first");
}

void require_rereadable(const DataOptions& data) {
  for (const std::string& file : data.train) require_rereadable("data.train", file);
  if (data.validation) require_rereadable("data.validation", data.validation->file);
  if (data.test) require_rereadable("data.test", *data.test);
}

TrainerOptions trainer_options(const TrainingRequest& request, const RunConfig& config, bool has_validation) {
  TrainerOptions options;
  options.training = config.training.trainer;
  options.evaluation = config.evaluation;
  options.checkpoint = config.checkpoint;
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.profile = request.profile;
  options.output_dir = config.output_dir;
  if (has_validation)
    options.goal = MetricGoal{*config.evaluation.metric, find_metric(*config.evaluation.metric)->direction};
  options.stop_requested = request.stop_requested;
  options.steps_begin = [&request] { request.stage_begins(RunStage::kTraining); };
  return options;
}

std::unique_ptr<TrainingLog> open_training_log(const fs::path& directory) {
  std::vector<std::unique_ptr<TrainingLog>> logs;
  logs.push_back(make_metrics_file_log(directory / "metrics.jsonl"));
  logs.push_back(make_tensorboard_log(directory));
  return join_logs(std::move(logs));
}

// The logs are closed behind it: what they hold back would be missing from the files whose hashes are kept.
TrainingResult train_with_logs(const TrainingRequest& request, const RunRecord& record, const fs::path& directory,
                               TaskTrainable& trainable, EventSink& events) {
  const auto log = open_training_log(directory);
  const auto process_group = make_single_process_group();
  return train(trainable, trainable.epoch_order(), trainer_options(request, record.config, trainable.has_validation()),
               *process_group, *log, events);
}

TrainingRunResult train_and_finish(const TrainingRequest& request, const PreparedRun& run, const fs::path& directory,
                                   TaskTrainable& trainable, EventSink& events) {
  const TrainingResult training = train_with_logs(request, run.record, directory, trainable, events);
  request.stage_begins(RunStage::kFinishing);
  // Asked for while the last checkpoint was being saved.
  if (request.stop_requested()) throw StoppedError(kStoppedWhileFinishing);
  if (training.best_step != training.num_steps) trainable.load_model(training.best_checkpoint);
  TrainingRunResult result;
  result.validation = trainable.score(DataPart::kValidation, events);
  result.test = trainable.score(DataPart::kTest, events);
  const FinishedRun finished{run.record,         training,         result.validation,      result.test,
                             trainable.counts(), run.task->card(), trainable.card_splits()};
  result.all_results = write_finished_run(directory, finished);
  return result;
}

}  // namespace

TrainingRunResult run_training(const TrainingRequest& request, EventSink& console) {
  require_kept_sources(request.config, request.config_file);
  require_rereadable(request.config.data);
  RunDirectory directory(request.config.output_dir);
  const RunStart start = begin_run(directory, request.config, request.resume, request.overwrite);
  if (start == RunStart::kFinished) {
    TrainingRunResult result{true, read_finished_run(directory.path()), std::nullopt, std::nullopt};
    console.info("the run in " + directory.path().string() + " is finished; --overwrite starts it anew");
    return result;
  }
  RunLog events(console, directory.path() / kRunLogName);
  if (!directory.lock_problem().empty())
    events.warning("the folder " + directory.path().string() + " cannot be locked (" + directory.lock_problem() +
                   "): nothing keeps another run from using it at the same time");
  const PreparedRun run = prepare_run(request, events);
  if (start == RunStart::kContinue) require_same_run(directory, run.record);
  TaskTrainable trainable = load_run(run, request, events);
  // Only now: a config that was refused so far has cost nothing, and can be corrected and run in the same folder.
  if (request.overwrite) directory.clear();
  if (start == RunStart::kNew) write_run_record(directory.path(), run.record);
  if (start == RunStart::kContinue) forget_outputs(directory.path());
  return train_and_finish(request, run, directory.path(), trainable, events);
}

}  // namespace llmtool
