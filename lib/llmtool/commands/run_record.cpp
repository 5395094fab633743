#include "llmtool/commands/run_record.h"

#include "llmtool/config/diff.h"
#include "llmtool/config/json_config_reader.h"
#include "llmtool/config/reader.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/atomic_file.h"

namespace llmtool {
namespace {

constexpr const char* kFileName = "llmtool.lock.json";

// Raised when the layout of the file changes in a way older versions would misread.
constexpr std::int64_t kLayoutVersion = 1;

RunConfig read_config(const Json& config, const std::string& file) {
  try {
    return read_options<RunConfig>(read_json_config(to_json_text(config), file)).options;
  } catch (const ConfigError& error) {
    throw ModelError("the config stored in " + file + " cannot be read by llmtool " + LLMTOOL_VERSION +
                     "; start anew with --overwrite. " + error.what());
  }
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
  write_file_atomically(run_directory / kFileName, to_json_text(content, 2) + "\n");
}

RunRecord read_run_record(const std::filesystem::path& run_directory) {
  const std::string file = (run_directory / kFileName).string();
  const Json content = read_json_file(file, ExitCode::kModel);
  if (!content.is_object() || content.value("layout_version", std::int64_t{0}) != kLayoutVersion ||
      !content.contains("config") || !content.contains("sha256"))
    throw ModelError(file + " was not written by this version of llmtool; start anew with --overwrite");
  RunRecord record;
  record.config = read_config(content.at("config"), file);
  for (const auto& [name, hash] : content.at("sha256").items()) record.hashes[name] = hash.get<std::string>();
  record.environment = content.value("environment", Json::object());
  return record;
}

std::optional<std::string> recorded_tokenizer_hash(const std::filesystem::path& model_directory) {
  const std::filesystem::path file = model_directory / kFileName;
  if (!std::filesystem::exists(file)) return std::nullopt;
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
