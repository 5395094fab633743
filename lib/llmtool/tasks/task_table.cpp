#include "llmtool/tasks/task_table.h"

#include <algorithm>
#include <stdexcept>

#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {

const TaskRow& task_row(TaskKind kind) {
  const auto found = std::ranges::find(task_table(), kind, &TaskRow::kind);
  if (found == task_table().end()) throw std::logic_error("a task without a row");
  return *found;
}

bool is_eval_option_of_others(const TaskRow& task, std::string_view option) {
  const auto has_it = [&](const TaskRow& row) {
    return std::ranges::find(row.eval_options, option) != row.eval_options.end();
  };
  return !has_it(task) && std::ranges::any_of(task_table(), has_it);
}

namespace {

// Among the tasks of this head, one that the config says it is made for, else the one that needs no word.
const TaskRow& task_of_head(HeadKind head, const Json& config, const std::string& file) {
  const TaskRow* unsaid = nullptr;
  for (const TaskRow& row : task_table()) {
    if (std::ranges::find(row.heads, head) == row.heads.end()) continue;
    if (row.is_own_model == nullptr) {
      unsaid = &row;
    } else if (row.is_own_model(config, file)) {
      return row;
    }
  }
  if (unsaid == nullptr) throw std::logic_error("a head that no task knows");
  return *unsaid;
}

}  // namespace

const TaskRow& task_of_model(const std::filesystem::path& directory) {
  require_model_directory(directory);
  const std::string file = model_config_path(directory);
  // The modules of sentence-transformers, which make an encoder, may lie in folders of their own.
  if (!path_exists(file)) return task_of_head(HeadKind::kNone, Json::object(), file);
  const Json config = read_model_config(directory);
  if (names_unknown_head(config, file)) return task_table().front();
  return task_of_head(stored_head_kind(config, file), config, file);
}

}  // namespace llmtool
