#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace llmtool {

// What a model folder says about generating text.
struct StoredGeneration {
  std::vector<std::int64_t> end_ids;        // empty: nothing is said
  std::vector<std::string> other_settings;  // names of keys that change what transformers generates
};

// eos_token_id of generation_config.json, else of config.json, as transformers reads it: an id or several. Throws
// ModelError.
StoredGeneration read_stored_generation(const std::filesystem::path& directory);

}  // namespace llmtool
