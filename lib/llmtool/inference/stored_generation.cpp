#include "llmtool/inference/stored_generation.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/json_excerpt.h"
#include "llmtool/models/model_directory.h"

namespace llmtool {
namespace {

constexpr const char* kEndKey = "eos_token_id";

// Keys that say nothing about the search, or no more than that texts end and batches are padded.
constexpr std::array<std::string_view, 9> kNeutralKeys{
    "eos_token_id",           "bos_token_id",      "pad_token_id",         "_from_model_config", "transformers_version",
    "decoder_start_token_id", "output_attentions", "output_hidden_states", "use_cache"};

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

std::vector<std::string> other_settings(const Json& config) {
  std::vector<std::string> names;
  for (const auto& [key, value] : config.items()) {
    const bool is_neutral = std::find(kNeutralKeys.begin(), kNeutralKeys.end(), key) != kNeutralKeys.end();
    if (!is_neutral && !value.is_null() && value != false) names.push_back(key);
  }
  return names;
}

}  // namespace

StoredGeneration read_stored_generation(const std::filesystem::path& directory) {
  const std::filesystem::path file = directory / "generation_config.json";
  if (!std::filesystem::exists(file))
    return {read_end_ids(read_model_config(directory), model_config_path(directory)), {}};
  const Json config = read_json_file(file.string(), ExitCode::kModel);
  if (!config.is_object()) throw ModelError(file.string() + ": must hold a JSON object");
  StoredGeneration stored{read_end_ids(config, file.string()), other_settings(config)};
  if (stored.end_ids.empty()) stored.end_ids = read_end_ids(read_model_config(directory), model_config_path(directory));
  return stored;
}

}  // namespace llmtool
