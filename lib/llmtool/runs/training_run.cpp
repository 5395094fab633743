#include "llmtool/runs/training_run.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/formats/tensor_source.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/model.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/runs/finished_run.h"
#include "llmtool/runs/kept_sources.h"
#include "llmtool/runs/run_directory.h"
#include "llmtool/runs/run_log.h"
#include "llmtool/tasks/task_makers.h"

namespace llmtool {
namespace {

constexpr std::int64_t kLoggedInputs = 3;

constexpr std::array<std::pair<const char*, DataPart>, 3> kParts{
    {{"data.train", DataPart::kTraining}, {"data.validation", DataPart::kValidation}, {"data.test", DataPart::kTest}}};

// Fills in the sizes and ids that follow from the tokenizer.
void complete_model_config(Json& config, const Tokenizer& tokenizer) {
  const auto fill = [&](const char* key, const auto& value) {
    if (!config.contains(key) && value) config[key] = *value;
  };
  fill("vocab_size", std::optional(tokenizer.id_bound()));
  fill("pad_token_id", tokenizer.pad_id());
  fill("bos_token_id", tokenizer.bos_id());
  fill("eos_token_id", tokenizer.eos_id());
}

ModelDescription describe_model(const RunConfig& config, const Tokenizer& tokenizer) {
  if (!config.model.config) return {read_model_config(config.model.from), model_config_path(config.model.from)};
  ModelDescription description{config.model.config->values, "model.config"};
  complete_model_config(description.config, tokenizer);
  find_family(description.config, description.source)
      .override_dropout(description.config, config.model.dropout_overrides(), task_row(config.task).head(config));
  return description;
}

// SHA-256 over the weight files of a model folder.
std::string weights_hash(const std::string& directory) {
  Sha256 hash;
  const auto checkpoint = open_checkpoint(directory);
  for (const std::filesystem::path& file : checkpoint->files()) hash.update(sha256_of_file(file));
  return hash.hex_digest();
}

std::map<std::string, std::string> hashes_of(const RunConfig& config, const Task& task, const Tokenizer& tokenizer) {
  std::map<std::string, std::string> hashes;
  for (const auto& [field, part] : kParts)
    if (const Examples* examples = task.find_examples(part)) hashes[field] = examples->sha256;
  hashes["tokenizer"] = tokenizer.content_hash();
  if (!config.model.from.empty()) hashes["model"] = weights_hash(config.model.from);
  return hashes;
}

std::shared_ptr<Model> draw_weights(const PreparedRun& run, EventSink& events) {
  const RunConfig& config = run.record.config;
  std::shared_ptr<Model> model = draw_model(run.model.config, run.model.source, task_row(config.task).head(config),
                                            static_cast<std::uint64_t>(config.seed));
  std::int64_t num_values = 0;
  for (const NamedParameter& parameter : model->trainable_parameters()) num_values += parameter.tensor.numel();
  events.info("model from scratch: " + std::string(model->architecture()) + " with " + std::to_string(num_values) +
              " weights");
  return model;
}

std::shared_ptr<Model> load_weights(const PreparedRun& run, EventSink& events) {
  const RunConfig& config = run.record.config;
  LoadRequest request{.head = task_row(config.task).head(config), .allow_new_head = true};
  request.dropout = config.model.dropout_overrides();
  request.ignore = config.model.ignore;
  request.seed = static_cast<std::uint64_t>(config.seed);
  run.task->complete(request);
  LoadedModel loaded = load_model(config.model.from, request);
  events.info("model " + config.model.from + ": " + loaded.report.summary(), loaded.report.to_json());
  require_finite_weights(*loaded.model, config.model.from);
  return loaded.model;
}

void log_inputs(const Examples& examples, const Tokenizer& tokenizer, EventSink& events) {
  for (std::int64_t example = 0; example < std::min(kLoggedInputs, examples.size()); ++example)
    for (const std::vector<std::int32_t>& ids : examples.token_ids(example))
      events.info("input of " + examples.describe(example) + ": " +
                  tokenizer.decode(ids, /*skip_special_tokens=*/false));
}

}  // namespace

PreparedRun prepare_run(const TrainingRequest& request, EventSink& events) {
  RunConfig config = request.config;
  if (!config.model.config) require_model_directory(config.model.from);
  const TaskRow& row = task_row(config.task);
  std::unique_ptr<Task> task = task_maker(config.task).make();
  task->start_from(config, events);
  RunTokenizer tokenizer = load_run_tokenizer(config);
  ModelDescription model = describe_model(config, tokenizer.tokenizer);
  const Family& family = find_family(model.config, model.source);
  family.head(row.head(config));  // throws for a head the family lacks
  const ModelDimensions dimensions = family.dimensions(model.config, model.source);
  task->fit(config, tokenizer, dimensions);
  fit_to_model(config, tokenizer, dimensions, model.config);
  log_warnings(tokenizer, events);
  if (!config.evaluation.metric) config.evaluation.metric = row.default_metric;
  task->read_data(config, tokenizer, model.config, request.num_threads, events);
  RunRecord record{config, hashes_of(config, *task, tokenizer.tokenizer), request.environment};
  return {std::move(record), std::move(task), std::move(tokenizer), std::move(model)};
}

TaskTrainable load_run(const PreparedRun& run, const TrainingRequest& request, EventSink& events) {
  const RunConfig& config = run.record.config;
  std::shared_ptr<Model> model = config.model.config ? draw_weights(run, events) : load_weights(run, events);
  for (const auto& [field, part] : kParts)
    if (const Examples* examples = run.task->find_examples(part)) examples->log(events);
  const Tokenizer& tokenizer = run.tokenizer.tokenizer;
  if (request.log_data) log_inputs(*run.task->find_examples(DataPart::kTraining), tokenizer, events);
  add_embedding_rows(*model, run.tokenizer, events);
  run.task->adapt(*model, tokenizer);
  return {config, *run.task, run.tokenizer, std::move(model), request.device};
}

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
