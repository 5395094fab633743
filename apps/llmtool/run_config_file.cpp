#include "run_config_file.h"

#include "context.h"
#include "llmtool/config/config_file.h"

namespace llmtool::app {
namespace {

void check_verb(TaskKind task, const TrainingRunOptions& options) {
  const TrainingVerb wanted = options.is_pretraining ? TrainingVerb::kPretrain : TrainingVerb::kFinetune;
  const TrainingVerb meant = task_row(task).verb;
  if (meant == TrainingVerb::kEither || meant == wanted) return;
  const std::string verb = options.is_pretraining ? "finetune" : "pretrain";
  throw ConfigError(options.config + ": task " + std::string(enum_name(task)) + " is for llmtool " + verb +
                    "; run: llmtool " + verb + " " + options.config);
}

}  // namespace

LoadedOptions<RunConfig> read_run_config(const std::string& path, const std::vector<std::string>& overrides) {
  ConfigNode root = read_config_file(path);
  apply_overrides(root, overrides);
  LoadedOptions<RunConfig> loaded = read_options<RunConfig>(root, environment);
  resolve_output_directory(loaded.options, path, loaded.positions);
  resolve_columns(loaded.options, loaded.positions);
  return loaded;
}

RunConfig read_training_config(const TrainingRunOptions& options) {
  RunConfig config = read_run_config(options.config, options.overrides).options;
  check_verb(config.task, options);
  return config;
}

}  // namespace llmtool::app
