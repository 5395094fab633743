#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/generation/options.h"

namespace llmtool {

// What a key of transformers' GenerationConfig means to us.
enum class GenerationKey {
  kObeyed,      // we compute it
  kIrrelevant,  // it changes no token: caches, outputs, assistants, what is of encoders and decoders
  kAlways,      // it changes tokens, and we do not compute it
  kDrawing,     // the same, when tokens are drawn
  kNotGreedy,   // the same, when they are drawn or beams are searched
  kUnknown,
};

// By the list of transformers 5.17 and those of older versions.
GenerationKey generation_key(std::string_view key);

// Whether a value of a key that we do not compute leaves tokens as they are.
bool is_neutral_generation_value(std::string_view key, const Json& value);

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

// What the caller of a generation chooses; what is unset is as the model's folder has it, else the default. To draw
// (temperature, top_k, top_p) or to search (num_beams) takes the place of what the folder does of the two.
struct GenerationChoice {
  std::optional<std::int64_t> max_new_tokens;
  std::optional<double> temperature;
  std::optional<std::int64_t> top_k;
  std::optional<double> top_p;
  std::optional<double> repetition_penalty;
  std::optional<std::int64_t> num_beams;
  std::optional<double> length_penalty;
  bool early_stopping = false;
  std::int64_t seed = 42;
  std::vector<std::string> stop_strings;
  bool ignore_stored = false;  // use nothing of the folder but its end tokens
};

struct ContinuationOptions {
  GenerationOptions search;
  std::vector<std::string> stop_strings;  // a text ends before the first of them
};

// Throws ModelError for a setting of the folder that changes tokens and is not supported, UsageError for choices that
// contradict each other.
ContinuationOptions resolve_generation(const GenerationChoice& choice, const StoredGeneration& stored);

}  // namespace llmtool
