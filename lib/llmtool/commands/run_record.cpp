#include "llmtool/commands/run_record.h"

#include "llmtool/config/diff.h"
#include "llmtool/config/json_config_reader.h"
#include "llmtool/config/reader.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

// Raised when the layout of the file changes in a way older versions would misread.
constexpr std::int64_t kLayoutVersion = 1;

constexpr const char* kOutputs = "outputs";

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
  if (!content.is_object() || !content.contains(kOutputs)) return {};
  return file_digests_from_json(content[kOutputs], file);
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
  write_file_atomically(run_directory / kRunRecordName, to_json_text(content, 2) + "\n");
}

void record_outputs(const std::filesystem::path& run_directory, const FileDigests& outputs) {
  const std::filesystem::path file = run_directory / kRunRecordName;
  Json content = read_json_file(file.string(), ExitCode::kModel);
  if (!content.is_object()) throw ModelError(file.string() + ": must hold a JSON object; the file is damaged");
  content[kOutputs] = to_json(outputs);
  write_file_atomically(file, to_json_text(content, 2) + "\n");
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
  record.outputs = recorded_outputs(content, file);
  return record;
}

FileDigests read_recorded_outputs(const std::filesystem::path& run_directory) {
  const std::string file = (run_directory / kRunRecordName).string();
  return recorded_outputs(read_json_file(file, ExitCode::kModel), file);
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
  // What the recorded run resolved from its model, a config that leaves it open resolves the same way.
  RunConfig resolved = asked;
  if (!resolved.tokenizer.max_length) resolved.tokenizer.max_length = recorded.tokenizer.max_length;
  if (!resolved.evaluation.metric) resolved.evaluation.metric = recorded.evaluation.metric;
  auto& pooling = resolved.training.contrastive.pooling;
  if (!pooling) pooling = recorded.training.contrastive.pooling;
  std::vector<std::string> differences;
  for (const FieldDifference& difference : diff_options(recorded, resolved, CompareScope::kWhatIsComputed))
    differences.push_back(difference.to_string());
  return differences;
}

std::vector<std::string> describe_differences(const RunRecord& recorded, const RunRecord& asked) {
  std::vector<std::string> differences = describe_differences(recorded.config, asked.config);
  for (const auto& [name, hash] : asked.hashes) {
    const auto found = recorded.hashes.find(name);
    if (found == recorded.hashes.end() || found->second != hash)
      differences.push_back("the content of " + name + " has changed since the run began");
  }
  return differences;
}

}  // namespace llmtool
