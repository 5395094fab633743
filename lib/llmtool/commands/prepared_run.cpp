#include "llmtool/commands/prepared_run.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "llmtool/core/hashing.h"
#include "llmtool/formats/checkpoint.h"
#include "llmtool/models/finite_weights.h"
#include "llmtool/models/model_directory.h"
#include "llmtool/models/pretrained.h"
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

}  // namespace llmtool
