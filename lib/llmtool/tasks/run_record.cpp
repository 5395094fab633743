#include "llmtool/tasks/run_record.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "llmtool/config/config_file.h"
#include "llmtool/config/diff.h"
#include "llmtool/config/reader.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/data/options.h"
#include "llmtool/tasks/task_table.h"

namespace llmtool {
namespace {

// Raised when the layout of the file changes in a way older versions would misread.
constexpr std::int64_t kLayoutVersion = 1;

constexpr const char* kOutputs = "outputs";
// SHA-256 of all the rest of the file, as compact JSON. Earlier versions wrote none.
constexpr const char* kChecksum = "sha256_of_record";

// Written by every finished run.
constexpr std::array<std::string_view, 7> kEveryOutput = {
    "config.json", "model.safetensors",  "all_results.json", "eval_results.json",
    "README.md",   "trainer_state.json", "metrics.jsonl"};

std::string checksum_of(Json content) {
  content.erase(kChecksum);
  return sha256_hex(to_json_text(content));
}

void write_content(const std::filesystem::path& file, Json content) {
  content.erase(kChecksum);
  content[kChecksum] = checksum_of(content);
  write_file_atomically(file, to_json_text(content, 2) + "\n");
}

Json read_content(const std::filesystem::path& file) {
  Json content = read_json_file(file.string(), ExitCode::kModel);
  if (!content.is_object()) throw ModelError(file.string() + ": must hold a JSON object; the file is damaged");
  return content;
}

bool is_as_written(const Json& content) {
  return !content.contains(kChecksum) || content[kChecksum] == Json(checksum_of(content));
}

RunConfig read_config(const Json& config, const std::string& file) {
  try {
    return read_options<RunConfig>(read_json_config(to_json_text(config), file)).options;
  } catch (const ConfigError& error) {
    throw ModelError("the config stored in " + file + " cannot be read by llmtool " + LLMTOOL_VERSION +
                     "; start anew with --overwrite. " + error.what());
  }
}

std::map<std::string, std::string> read_hashes(const Json& json, const std::string& file) {
  std::map<std::string, std::string> hashes;
  for (const auto& [name, hash] : json.items()) {
    if (!hash.is_string()) throw ModelError(file + ": sha256 holds no hashes; the file is damaged");
    hashes[name] = hash.get<std::string>();
  }
  return hashes;
}

FileDigests recorded_outputs(const Json& content, const std::string& file) {
  FileDigests outputs = file_digests_from_json(content[kOutputs], file);
  for (const std::string_view name : kEveryOutput)
    if (!outputs.contains(std::string(name)))
      throw ModelError(file + " does not list " + std::string(name) + " among the outputs; the file is damaged");
  return outputs;
}

}  // namespace

void write_run_record(const std::filesystem::path& run_directory, const RunRecord& record) {
  Json hashes = Json::object();
  for (const auto& [name, hash] : record.hashes) hashes[name] = hash;
  const Json content = {{"layout_version", kLayoutVersion},
                        {"llmtool_version", LLMTOOL_VERSION},
                        {"config", to_json(record.config)},
                        {"sha256", hashes},
                        {"environment", record.environment}};
  write_content(run_directory / kRunRecordName, content);
}

void record_outputs(const std::filesystem::path& run_directory, const FileDigests& outputs) {
  const std::filesystem::path file = run_directory / kRunRecordName;
  Json content = read_content(file);
  content[kOutputs] = to_json(outputs);
  write_content(file, std::move(content));
}

void forget_outputs(const std::filesystem::path& run_directory) {
  const std::filesystem::path file = run_directory / kRunRecordName;
  Json content = read_content(file);
  if (content.erase(kOutputs) > 0) write_content(file, std::move(content));
}

RunRecord read_run_record(const std::filesystem::path& run_directory) {
  const std::string file = (run_directory / kRunRecordName).string();
  const Json content = read_json_file(file, ExitCode::kModel);
  if (!content.is_object() || content.value("layout_version", Json()) != Json(kLayoutVersion) ||
      !content.contains("config") || !content.contains("sha256"))
    throw ModelError(file + " was not written by this version of llmtool; start anew with --overwrite");
  RunRecord record;
  record.config = read_config(content.at("config"), file);
  record.hashes = read_hashes(content.at("sha256"), file);
  record.environment = content.value("environment", Json::object());
  return record;
}

RecordedOutputs read_recorded_outputs(const std::filesystem::path& run_directory) {
  const std::string file = (run_directory / kRunRecordName).string();
  const Json content = read_content(file);
  if (!is_as_written(content))
    throw ModelError(file + " does not have the content it was saved with (SHA-256 differs)");
  RecordedOutputs recorded;
  recorded.has_checksum = content.contains(kChecksum);
  if (content.contains(kOutputs)) recorded.files = recorded_outputs(content, file);
  return recorded;
}

std::optional<std::string> recorded_tokenizer_hash(const std::filesystem::path& model_directory) {
  const std::filesystem::path file = model_directory / kRunRecordName;
  if (!path_exists(file)) return std::nullopt;
  const Json content = read_json_file(file.string(), ExitCode::kModel);
  const Json::json_pointer place("/sha256/tokenizer");
  if (!content.contains(place) || !content.at(place).is_string()) return std::nullopt;
  return content.at(place).get<std::string>();
}

std::vector<std::string> describe_differences(const RunConfig& recorded, const RunConfig& asked) {
  std::vector<std::string> differences;
  for (const FieldDifference& difference : diff_options(recorded, asked, CompareScope::kWhatIsComputed))
    if (!difference.right.is_null()) differences.push_back(difference.to_string());
  return differences;
}

std::vector<std::string> describe_differences(const RunRecord& recorded, const RunRecord& asked) {
  std::vector<std::string> differences;
  for (const FieldDifference& difference : diff_options(recorded.config, asked.config, CompareScope::kWhatIsComputed))
    differences.push_back(difference.to_string());
  for (const auto& [name, hash] : asked.hashes) {
    const auto found = recorded.hashes.find(name);
    if (found == recorded.hashes.end() || found->second != hash)
      differences.push_back("the content of " + name + " has changed since the run began");
  }
  return differences;
}

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
