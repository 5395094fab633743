#pragma once

#include <string_view>

#include "llmtool/core/json_fwd.h"

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

}  // namespace llmtool
