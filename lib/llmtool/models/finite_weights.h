#pragma once

#include <filesystem>

#include "llmtool/models/model.h"

namespace llmtool {

// Throws ModelError naming the weights of a model loaded from `directory` that hold NaN or infinity: nothing can be
// learned from them, and what is written anew would hide where they came from.
void require_finite_weights(const Model& model, const std::filesystem::path& directory);

}  // namespace llmtool
