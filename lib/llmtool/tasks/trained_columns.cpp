#include "llmtool/tasks/trained_columns.h"

#include <algorithm>

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

// How many of its columns the task of this name reads together. Others are texts of their own.
std::size_t most_texts(const Json& task) {
  const auto kind = task.is_string() ? enum_from_name<TaskKind>(task.get<std::string>()) : std::nullopt;
  const TaskRow* row = kind ? find_task(*kind) : nullptr;
  return row == nullptr ? 2 : static_cast<std::size_t>(std::max<std::int64_t>(row->most_texts, 1));
}

// Section `data` of the config the model was trained with, as far as it says which columns; defaults for a model that
// this tool did not train. Only these keys are read, so that a record of a later version serves as well.
DataOptions trained_options(const fs::path& model_directory) {
  DataOptions options;
  const fs::path file = model_directory / "llmtool.lock.json";
  if (!path_exists(file)) return options;
  const Json record = read_json_file(file.string(), ExitCode::kModel);
  const Json config = record.is_object() ? record.value("config", Json::object()) : Json();
  const Json data = config.is_object() ? config.value("data", Json::object()) : Json();
  if (!data.is_object()) throw ModelError(file.string() + ": config.data is not an object; the file is damaged");
  const Json text = data.value("text", Json());
  if (text.is_string()) options.text = {text.get<std::string>()};
  if (is_column_list(text)) options.text = text.get<std::vector<std::string>>();
  options.text.resize(std::min(options.text.size(), most_texts(config.value("task", Json()))));
  const Json label = data.value("label", Json());
  if (label.is_string()) options.label = label.get<std::string>();
  const Json header = data.value("header", Json());
  if (header.is_boolean()) options.header = header.get<bool>();
  return options;
}

}  // namespace

ColumnChoice resolve_columns(ColumnChoice choice, const fs::path& model_directory) {
  if (choice.text.size() > 2) throw UsageError("--text-column can be given twice at most: a text, or a pair of texts");
  const DataOptions trained = trained_options(model_directory);
  if (choice.text.empty()) choice.text = trained.text;
  if (!choice.label) choice.label = trained.label;
  if (!choice.header) choice.header = trained.header;
  return choice;
}

}  // namespace llmtool
