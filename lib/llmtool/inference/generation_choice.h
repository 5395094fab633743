#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/generation/options.h"
#include "llmtool/inference/stored_generation.h"

namespace llmtool {

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
