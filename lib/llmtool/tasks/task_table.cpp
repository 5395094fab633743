#include "llmtool/tasks/task_table.h"

#include <algorithm>
#include <stdexcept>

#include "llmtool/core/file_system.h"
#include "llmtool/core/listed.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {

const TaskRow* find_task(TaskKind kind) {
  const auto found = std::ranges::find(task_table(), kind, &TaskRow::kind);
  return found == task_table().end() ? nullptr : &*found;
}

const TaskRow& task_row(TaskKind kind) {
  if (const TaskRow* row = find_task(kind)) return *row;
  throw std::logic_error("a task without a row");
}

const TaskRow& task_of_model(const std::filesystem::path& directory) {
  require_model_directory(directory);
  const std::string file = model_config_path(directory);
  HeadKind head = HeadKind::kNone;
  // The modules of sentence-transformers, which make an encoder, may lie in folders of their own.
  if (path_exists(file)) {
    const Json config = read_model_config(directory);
    if (names_unknown_head(config, file)) return task_table().front();
    head = stored_head_kind(config, file);
  }
  for (const TaskRow& row : task_table())
    if (std::ranges::find(row.heads, head) != row.heads.end()) return row;
  throw std::logic_error("a head that no task knows");
}

std::string unsupported_task_message(TaskKind kind) {
  return "the task '" + std::string(enum_name(kind)) + "' is not supported yet; this version knows: " +
         listed(task_table(), [](const TaskRow& row) { return enum_name(row.kind); });
}

}  // namespace llmtool
