#include "llmtool/tasks/run_record.h"

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

}  // namespace llmtool
