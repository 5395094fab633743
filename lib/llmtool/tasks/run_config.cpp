#include "llmtool/tasks/run_config.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <string_view>

#include "llmtool/config/diff.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/text.h"
#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

bool has_validation(const RunConfig& config) { return config.data.validation.has_value(); }

// The metrics a config's evaluation yields.
std::vector<std::string> metric_names(const RunConfig& config) {
  std::vector<std::string> names;
  for (const RecordKind record : task_row(config.task).records(config))
    for (std::string& name : metric_names(record)) names.push_back(std::move(name));
  return names;
}

void check_metric(const RunConfig& config, FieldErrors& errors) {
  const EvaluationOptions& evaluation = config.evaluation;
  if (!evaluation.metric) return;
  const std::vector<std::string> names = metric_names(config);
  if (std::find(names.begin(), names.end(), *evaluation.metric) != names.end()) return;
  const std::string nearest = nearest_name(*evaluation.metric, names);
  errors.add("evaluation.metric", "there is no metric " + quote(*evaluation.metric) +
                                      (nearest.empty() ? "." : "; did you mean " + nearest + "?") +
                                      " Known: " + listed(names));
}

bool is_at_or_below(std::string_view path, std::string_view section) {
  return path.starts_with(section) &&
         (path.size() == section.size() || path[section.size()] == '.' || path[section.size()] == '[');
}

bool uses(const TaskRow& row, std::string_view field) {
  return std::ranges::find(row.fields, field) != row.fields.end();
}

std::string users_of(std::string_view field) {
  std::string text;
  for (const TaskRow& row : task_table())
    if (uses(row, field)) text.append(text.empty() ? "" : " or ").append(enum_name(row.kind));
  return text;
}

// Fields that only some tasks use, each once.
std::set<std::string_view> fields_of_some_tasks() {
  std::set<std::string_view> fields;
  for (const TaskRow& row : task_table()) fields.insert(row.fields.begin(), row.fields.end());
  return fields;
}

// A field without part in the task would do nothing: better said than passed over.
void check_task_fields(const RunConfig& config, FieldErrors& errors) {
  const TaskRow& task = task_row(config.task);
  for (const FieldDifference& difference : diff_options(RunConfig(), config))
    for (const std::string_view field : fields_of_some_tasks())
      if (!uses(task, field) && is_at_or_below(difference.path, field))
        errors.add(difference.path,
                   "has no part in task " + std::string(enum_name(config.task)) + "; it is for " + users_of(field));
}

void check_files(const RunConfig& config, FieldErrors& errors) {
  const TaskRow& row = task_row(config.task);
  if (row.most_texts > 0 && !row.takes_several_files && config.data.train.size() > 1)
    errors.add("data.train",
               "the task " + std::string(enum_name(config.task)) + " is trained on one file; join them first");
}

}  // namespace

void RunConfig::check(FieldErrors& errors) const {
  check_task_fields(*this, errors);
  check_metric(*this, errors);
  check_files(*this, errors);
  task_row(task).check(*this, errors);
  if (evaluation.early_stopping && !has_validation(*this))
    errors.add("evaluation.early_stopping",
               "needs validation data; set data.validation to a file or a share such as 0.1");
  if (evaluation.early_stopping && evaluation.every.kind == EvaluationInterval::Kind::kNever)
    errors.add("evaluation.early_stopping", "needs evaluations; set evaluation.every to epoch or a number of steps");
}

std::filesystem::path corpus_cache(const RunConfig& config) {
  if (!config.data.corpus.cache.empty()) return config.data.corpus.cache;
  // The folder that holds output_dir, be that written "runs/a", "runs/a/" or ".".
  return (absolute_path(config.output_dir) / "").lexically_normal().parent_path().parent_path() / "corpora";
}

void resolve_output_directory(RunConfig& config, const std::string& config_path, FieldPositions& positions) {
  if (!config.output_dir.empty()) return;
  config.output_dir = (std::filesystem::path("runs") / std::filesystem::path(config_path).stem()).string();
  positions.set("output_dir", {"resolved from the name of the config"});
}

void resolve_columns(RunConfig& config, FieldPositions& positions) {
  const TaskRow& row = task_row(config.task);
  const auto resolve = [&](const std::string& path, std::vector<std::string>& columns,
                           const std::vector<std::string>& absent, const std::vector<std::string>& own) {
    if (own.empty() || columns != absent) return;
    columns = own;
    positions.set(path, {"resolved from the task"});
  };
  resolve("data.text", config.data.text, DataOptions().text, row.text_columns);
  resolve("data.label", config.data.label, DataOptions().label, row.label_columns);
}

}  // namespace llmtool
