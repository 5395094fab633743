#include "llmtool/tasks/trained_columns.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/data/options.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

bool is_column_list(const Json& json) {
  if (!json.is_array() || json.empty()) return false;
  for (const Json& column : json)
    if (!column.is_string()) return false;
  return true;
}

// The columns under a key of section data: a name, or a list of them.
std::vector<std::string> read_columns(const Json& data, const char* key, const std::vector<std::string>& absent) {
  const Json columns = data.value(key, Json());
  if (columns.is_string()) return {columns.get<std::string>()};
  return is_column_list(columns) ? columns.get<std::vector<std::string>>() : absent;
}

// How many of its columns the task of this name reads together. Others are texts of their own.
std::size_t most_texts(const Json& task) {
  const auto kind = task.is_string() ? enum_from_name<TaskKind>(task.get<std::string>()) : std::nullopt;
  return kind ? static_cast<std::size_t>(std::max<std::int64_t>(task_row(*kind).most_texts, 1)) : 2;
}

// What the config the model was trained with says of columns; defaults, and no texts, for a model that this tool did
// not train. Only these keys are read, so that a record of a later version serves as well.
struct TrainedColumns {
  std::vector<std::string> text;
  std::size_t num_together = 1;  // of the texts, that its task reads together
  std::vector<std::string> label = DataOptions().label;
  bool header = DataOptions().header;
};

// What the task of another tool's model has of its own.
TrainedColumns usual_columns(const fs::path& model_directory) {
  TrainedColumns options;
  if (!path_exists(model_directory / "config.json")) return options;
  const TaskRow& row = task_of_model(model_directory);
  if (!row.label_columns.empty()) options.label = row.label_columns;
  if (row.text_columns.empty()) return options;
  options.text = row.text_columns;
  options.num_together = row.text_columns.size();
  return options;
}

TrainedColumns trained_columns(const fs::path& model_directory) {
  const fs::path file = model_directory / "llmtool.lock.json";
  if (!path_exists(file)) return usual_columns(model_directory);
  TrainedColumns options;
  const Json record = read_json_file(file.string(), ExitCode::kModel);
  const Json config = record.is_object() ? record.value("config", Json::object()) : Json();
  const Json data = config.is_object() ? config.value("data", Json::object()) : Json();
  if (!data.is_object()) throw ModelError(file.string() + ": config.data is not an object; the file is damaged");
  options.text = read_columns(data, "text", DataOptions().text);
  options.label = read_columns(data, "label", DataOptions().label);
  options.num_together = std::min(options.text.size(), most_texts(config.value("task", Json())));
  const Json header = data.value("header", Json());
  if (header.is_boolean()) options.header = header.get<bool>();
  return options;
}

}  // namespace

ColumnChoice resolve_columns(ColumnChoice choice, const fs::path& model_directory) {
  if (choice.text.size() > 2) throw UsageError("--text-column can be given twice at most: a text, or a pair of texts");
  TrainedColumns trained = trained_columns(model_directory);
  trained.text.resize(trained.num_together, DataOptions().text.front());
  if (choice.text.empty()) choice.text = std::move(trained.text);
  if (choice.label.empty()) choice.label = trained.label;
  if (!choice.header) choice.header = trained.header;
  return choice;
}

std::vector<std::string> trained_text_columns(const fs::path& model_directory) {
  return trained_columns(model_directory).text;
}

}  // namespace llmtool
