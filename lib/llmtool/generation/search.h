#pragma once

#include <vector>

#include "llmtool/generation/generation.h"

namespace llmtool {

// generate() with one text a prompt: the most probable token, or a drawn one.
std::vector<Generation> search_singly(const Model& model, const GenerationRequest& request);

// generate() with num_beams texts a prompt; the best finished one is the result.
std::vector<Generation> search_beams(const Model& model, const GenerationRequest& request);

}  // namespace llmtool
