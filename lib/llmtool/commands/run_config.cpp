#include "llmtool/commands/run_config.h"

#include <algorithm>
#include <filesystem>

#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

bool has_validation(const RunConfig& config) { return config.data.validation.has_value(); }

void check_metric(const EvaluationOptions& evaluation, FieldErrors& errors) {
  if (!evaluation.metric) return;
  const std::vector<std::string> names = metric_names(RecordKind::kClassScores);
  if (std::find(names.begin(), names.end(), *evaluation.metric) != names.end()) return;
  const std::string nearest = nearest_name(*evaluation.metric, names);
  std::string known;
  for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
  errors.add("evaluation.metric", "there is no metric " + quote(*evaluation.metric) +
                                      (nearest.empty() ? "" : "; did you mean " + nearest + "?") + " Known: " + known);
}

}  // namespace

void RunConfig::check(FieldErrors& errors) const {
  if (!is_supported(task)) errors.add("task", unsupported_task_message(task));
  check_metric(evaluation, errors);
  if (evaluation.early_stopping && !has_validation(*this))
    errors.add("evaluation.early_stopping",
               "needs validation data; set data.validation to a file or a share such as 0.1");
  if (evaluation.early_stopping && evaluation.every.kind == EvaluationInterval::Kind::kNever)
    errors.add("evaluation.early_stopping", "needs evaluations; set evaluation.every to epoch or a number of steps");
}

void resolve_output_directory(RunConfig& config, const std::string& config_path, FieldPositions& positions) {
  if (!config.output_dir.empty()) return;
  config.output_dir = (std::filesystem::path("runs") / std::filesystem::path(config_path).stem()).string();
  positions.set("output_dir", {"resolved from the name of the config"});
}

}  // namespace llmtool
