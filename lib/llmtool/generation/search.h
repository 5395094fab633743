#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "llmtool/generation/options.h"
#include "llmtool/models/model.h"

namespace llmtool {

enum class FinishReason {
  kEndToken,   // one of the end tokens came; it is the last of the ids
  kStopped,    // the request's `stops` said so
  kLength,     // max_new_tokens
  kPositions,  // the model has no position for more
};

// What was added to one prompt.
struct Generation {
  std::vector<std::int64_t> ids;
  FinishReason reason = FinishReason::kLength;
};

struct GenerationRequest {
  std::vector<std::vector<std::int64_t>> prompts;  // token ids, at least one each
  GenerationOptions options;
  std::vector<std::int64_t> end_ids;  // may be empty
  // Number of the first prompt among all there are: its random numbers depend on this and the seed alone.
  std::uint64_t first_prompt = 0;
  // Called with every token once it is certain: at once, with beams at the end. May be empty.
  std::function<void(std::size_t prompt, std::int64_t id)> on_token;
  // Whether a text ends with these new ids, for stop strings. With beams it is asked for candidates too. May be empty.
  std::function<bool(std::size_t prompt, std::span<const std::int64_t> new_ids)> stops;
};

// Continues every prompt, in order: greedily, by drawing, or by beam search, as Hugging Face's generate() does for each
// prompt alone. Prompts may differ in length; those that are finished leave the batch. Every token is computed once.
// The model must be causal and in evaluation mode. Throws DataError for a prompt without tokens or longer than the
// model's positions, ConfigError for options that contradict each other, NonFiniteError when scores are not finite.
std::vector<Generation> generate(const Model& model, const GenerationRequest& request);

// generate() with one text a prompt: the most probable token, or a drawn one.
std::vector<Generation> search_singly(const Model& model, const GenerationRequest& request);

// generate() with num_beams texts a prompt; the best finished one is the result.
std::vector<Generation> search_beams(const Model& model, const GenerationRequest& request);

}  // namespace llmtool
