#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {

// What a model folder says about generating text.
struct StoredGeneration {
  std::vector<std::int64_t> end_ids;  // empty: nothing is said
  Json settings = Json::object();     // keys of transformers' GenerationConfig, as written
  std::string file;                   // where they stand
  std::vector<std::string> unknown;   // names of keys that no version we know gives a meaning
};

// generation_config.json, else the keys of a GenerationConfig in config.json, as transformers reads them. eos_token_id,
// an id or several, comes from config.json also where generation_config.json has none. Throws ModelError.
StoredGeneration read_stored_generation(const std::filesystem::path& directory);

}  // namespace llmtool
