#include "llmtool/commands/finetune.h"

#include <filesystem>
#include <utility>

#include "llmtool/commands/classification_data.h"
#include "llmtool/commands/classification_trainable.h"
#include "llmtool/commands/finished_run.h"
#include "llmtool/commands/run_directory.h"
#include "llmtool/commands/run_log.h"
#include "llmtool/commands/run_record.h"
#include "llmtool/commands/run_state.h"
#include "llmtool/core/hashing.h"
#include "llmtool/data/sampler.h"
#include "llmtool/formats/checkpoint.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"
#include "llmtool/training/trainer.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kDefaultMetric = "macro_f1";
constexpr std::int64_t kLoggedInputs = 3;

// Fills what the config leaves to the model.
void resolve_from_model(RunConfig& config, const Tokenizer& tokenizer, const ModelDimensions& dimensions) {
  if (!config.tokenizer.max_length)
    config.tokenizer.max_length =
        std::min(tokenizer.model_max_length().value_or(dimensions.num_positions), dimensions.num_positions);
  if (!config.evaluation.metric) config.evaluation.metric = kDefaultMetric;
  check_vocabulary_fits(tokenizer.id_bound(), dimensions);
  check_max_length_fits(*config.tokenizer.max_length, dimensions);
}

// Label names of the model's own head, which may fix their order.
LabelSet head_labels(const RunConfig& config, const Json& model_config) {
  if (config.model.head == HeadPolicy::kNew) return {};
  return LabelSet(read_labels(model_config, model_config_path(config.model.from)));
}

std::string weights_hash(const std::string& directory) {
  Sha256 hash;
  const auto checkpoint = open_checkpoint(directory);
  for (const fs::path& file : checkpoint->files()) hash.update(sha256_of_file(file));
  return hash.hex_digest();
}

// precision, recall and f1 exist for two labels only; that is known once the labels are.
void check_metric_fits(const RunConfig& config, const LabelSet& labels) {
  const std::string& metric = *config.evaluation.metric;
  if (find_metric(metric)->two_classes_only && labels.size() != 2)
    throw ConfigError("evaluation.metric " + metric + " is defined for two labels only, and the data has " +
                      std::to_string(labels.size()) + "; use macro_" + metric + " instead");
}

RunRecord make_record(const FinetuneRequest& request, const RunConfig& config, const ClassificationData& data,
                      const Tokenizer& tokenizer) {
  RunRecord record{config, {}, request.environment};
  record.hashes["data.train"] = data.training.sha256;
  if (data.validation) record.hashes["data.validation"] = data.validation->sha256;
  if (data.test) record.hashes["data.test"] = data.test->sha256;
  record.hashes["tokenizer"] = tokenizer.content_hash();
  record.hashes["model"] = weights_hash(config.model.from);
  return record;
}

PretrainedClassifier load_model(const RunConfig& config, const ClassificationData& data) {
  PretrainedRequest request;
  request.labels = data.choice.labels.names();
  request.labels_are_ordered = data.choice.origin == LabelOrigin::kConfig;
  request.head = config.model.head;
  request.dropout = config.model.dropout_overrides();
  request.seed = static_cast<std::uint64_t>(config.seed);
  return load_pretrained(config.model.from, request);
}

void log_inputs(const ClassificationData& data, const Tokenizer& tokenizer, EventSink& events) {
  const auto& ids = data.training.encoded.dataset.column<std::int32_t>(kInputIds);
  for (std::int64_t example = 0; example < std::min(kLoggedInputs, data.training.num_examples()); ++example)
    events.info("input of " + data.training.path + ":" +
                std::to_string(data.training.rows.records[static_cast<std::size_t>(example)].line) + ": " +
                tokenizer.decode(ids.row(example), /*skip_special_tokens=*/false));
}

void log_start(const FinetuneRequest& request, const RunConfig& config, const ClassificationData& data,
               const LoadReport& report, const Tokenizer& tokenizer, EventSink& events) {
  events.info("model " + config.model.from + ": " + report.summary(), report.to_json());
  for (const EncodedSplit* split :
       {&data.training, data.validation ? &*data.validation : nullptr, data.test ? &*data.test : nullptr})
    if (split != nullptr) log_split(*split, data.choice.labels, config.tokenizer, events);
  if (request.log_data) log_inputs(data, tokenizer, events);
}

SampleOrder sample_order(const TrainingOptions& options) {
  if (options.group_by_length) return SampleOrder::kGroupedByLength;
  return options.shuffle ? SampleOrder::kShuffled : SampleOrder::kSequential;
}

EpochOrder epoch_order(const RunConfig& config, const ClassificationData& data) {
  const TrainingOptions& options = config.training.trainer;
  const Sampler sampler(sample_order(options), data.training.encoded.dataset.lengths(kInputIds),
                        options.batch_size * options.accumulation, static_cast<std::uint64_t>(config.seed));
  return [sampler](std::int64_t epoch) { return sampler.epoch_order(epoch); };
}

TrainerOptions trainer_options(const FinetuneRequest& request, const RunConfig& config, bool has_validation) {
  TrainerOptions options;
  options.training = config.training.trainer;
  options.evaluation = config.evaluation;
  options.checkpoint = config.checkpoint;
  options.seed = static_cast<std::uint64_t>(config.seed);
  options.output_dir = config.output_dir;
  if (has_validation)
    options.goal = MetricGoal{*config.evaluation.metric, find_metric(*config.evaluation.metric)->direction};
  options.stop_requested = request.stop_requested;
  return options;
}

std::unique_ptr<TrainingLog> open_training_log(const fs::path& directory) {
  std::vector<std::unique_ptr<TrainingLog>> logs;
  logs.push_back(make_metrics_file_log(directory / "metrics.jsonl"));
  logs.push_back(make_tensorboard_log(directory));
  return join_logs(std::move(logs));
}

// Everything up to the first step, in the order in which it can fail cheaply.
struct PreparedRun {
  RunConfig config;
  Tokenizer tokenizer;
  ClassificationData data;
  RunRecord record;
};

PreparedRun prepare(const FinetuneRequest& request, EventSink& events) {
  RunConfig config = request.config;
  require_model_directory(config.model.from);
  const Json model_config = read_model_config(config.model.from);
  const std::string config_path = model_config_path(config.model.from);
  const ModelDimensions dimensions = find_family(model_config, config_path).dimensions(model_config, config_path);
  Tokenizer tokenizer = Tokenizer::load(config.model.from);
  resolve_from_model(config, tokenizer, dimensions);
  ClassificationData data =
      prepare_classification_data(config, head_labels(config, model_config), tokenizer, request.num_threads, events);
  check_metric_fits(config, data.choice.labels);
  RunRecord record = make_record(request, config, data, tokenizer);
  return {std::move(config), std::move(tokenizer), std::move(data), std::move(record)};
}

FinetuneResult train_and_finish(const FinetuneRequest& request, const PreparedRun& run, RunDirectory& directory,
                                ClassificationTrainable& trainable, EventSink& events) {
  const auto log = open_training_log(directory.path());
  const auto process_group = make_single_process_group();
  const TrainingResult training =
      train(trainable, epoch_order(run.config, run.data),
            trainer_options(request, run.config, run.data.validation.has_value()), *process_group, *log, events);
  trainable.load_model(training.best_checkpoint);
  FinetuneResult result;
  if (run.data.validation) result.validation = trainable.score(*run.data.validation, events);
  if (run.data.test) result.test = trainable.score(*run.data.test, events);
  result.all_results =
      write_finished_run(directory.path(), {run.record, run.data, training, result.validation, result.test});
  return result;
}

}  // namespace

FinetuneResult finetune(const FinetuneRequest& request, EventSink& console) {
  RunDirectory directory(request.config.output_dir);
  const RunStart start = begin_run(directory, request.config, request.resume, request.overwrite);
  if (start == RunStart::kFinished) {
    console.info("the run in " + directory.path().string() + " is finished; --overwrite starts it anew");
    return {true, read_finished_run(directory.path()), std::nullopt, std::nullopt};
  }
  RunLog events(console, directory.path() / "run.log");
  const PreparedRun run = prepare(request, events);
  if (start == RunStart::kContinue) require_same_run(directory, run.record);
  PretrainedClassifier pretrained = load_model(run.config, run.data);
  log_start(request, run.config, run.data, pretrained.report, run.tokenizer, events);
  ClassificationTrainable trainable(run.config, run.data, run.tokenizer, std::move(pretrained), request.device);
  // Only now: a config that was refused so far can be corrected and run in the same folder.
  if (start == RunStart::kNew) write_run_record(directory.path(), run.record);
  return train_and_finish(request, run, directory, trainable, events);
}

}  // namespace llmtool
