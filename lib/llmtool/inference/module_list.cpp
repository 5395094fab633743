#include "llmtool/inference/module_list.h"

#include <algorithm>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLibrary = "sentence_transformers.";

// A file that names a folder elsewhere could make us read, or convert write, what is none of the model's.
bool leaves_its_folder(const fs::path& path) {
  return path.is_absolute() || std::find(path.begin(), path.end(), "..") != path.end();
}

ModuleRow read_module_row(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  ModuleRow row{reader.text("name"), reader.text("type"), reader.text("path", "")};
  if (leaves_its_folder(row.folder))
    reader.fail("path", "is " + quote(row.folder.string()) + ", which leaves the model's folder");
  return row;
}

void require_one_transformer_first(const std::vector<ModuleRow>& rows, const std::string& file) {
  for (const ModuleRow& row : rows)
    if ((row.own_type() == "Transformer") != (&row == &rows.front()))
      throw ModelError(file + ": " +
                       (&row == &rows.front() ? "the first module is " + quote(row.type) + ", not a Transformer"
                                              : std::string("a second Transformer")) +
                       "; vectors are made of the tokens of one Transformer");
}

}  // namespace

std::string ModuleRow::own_type() const { return type.starts_with(kLibrary) ? type.substr(type.rfind('.') + 1) : ""; }

std::optional<std::vector<ModuleRow>> read_module_list(const fs::path& model_directory) {
  const fs::path path = model_directory / kModuleListFile;
  if (!path_exists(path)) return std::nullopt;
  const std::string file = path.string();
  const Json list = read_json_file(file, ExitCode::kModel);
  if (!list.is_array() || list.empty()) throw ModelError(file + ": expected a list of modules");
  std::vector<ModuleRow> rows;
  std::set<std::string> names;
  for (const Json& json : list) {
    rows.push_back(read_module_row(json, file));
    if (!names.insert(rows.back().name).second)
      throw ModelError(file + ": two modules are named " + quote(rows.back().name));
  }
  require_one_transformer_first(rows, file);
  return rows;
}

fs::path transformer_folder(const fs::path& model_directory) {
  const auto rows = read_module_list(model_directory);
  return rows && !rows->front().folder.empty() ? model_directory / rows->front().folder : model_directory;
}

}  // namespace llmtool
