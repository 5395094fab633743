#include "llmtool/inference/stored_generation.h"

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/inference/generation_keys.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {
namespace {

constexpr const char* kEndKey = "eos_token_id";

std::vector<std::int64_t> read_end_ids(const Json& config, const std::string& file) {
  const auto found = config.find(kEndKey);
  if (found == config.end() || found->is_null()) return {};
  const Json ids = found->is_array() ? *found : Json::array({*found});
  std::vector<std::int64_t> read;
  for (const Json& id : ids) {
    if (!id.is_number_integer())
      throw ModelError(file + ": 'eos_token_id' must be an id or a list of ids, found " + json_excerpt(*found));
    read.push_back(id.get<std::int64_t>());
  }
  return read;
}

StoredGeneration read_from_model_config(const std::filesystem::path& directory) {
  const Json config = read_model_config(directory);
  StoredGeneration stored;
  stored.file = model_config_path(directory);
  stored.end_ids = read_end_ids(config, stored.file);
  for (const auto& [key, value] : config.items())
    if (generation_key(key) != GenerationKey::kUnknown) stored.settings[key] = value;
  return stored;
}

}  // namespace

StoredGeneration read_stored_generation(const std::filesystem::path& directory) {
  const std::filesystem::path path = directory / "generation_config.json";
  if (!path_exists(path)) return read_from_model_config(directory);
  StoredGeneration stored;
  stored.file = path.string();
  stored.settings = read_json_file(stored.file, ExitCode::kModel);
  if (!stored.settings.is_object()) throw ModelError(stored.file + ": must hold a JSON object");
  stored.end_ids = read_end_ids(stored.settings, stored.file);
  if (stored.end_ids.empty()) stored.end_ids = read_end_ids(read_model_config(directory), model_config_path(directory));
  for (const auto& [key, value] : stored.settings.items())
    if (generation_key(key) == GenerationKey::kUnknown && !value.is_null()) stored.unknown.push_back(key);
  return stored;
}

}  // namespace llmtool
