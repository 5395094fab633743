#pragma once

#include <optional>
#include <string>

#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// What is unset is as the folder says.
struct EmbeddingOptions {
  std::optional<Pooling> pooling;
  std::optional<bool> normalize;           // at the end, to length 1, so that the dot product is the cosine
  std::optional<std::string> prompt;       // put before every text, or the first of a pair; "": none
  std::optional<std::string> prompt_name;  // one of the folder's, where `prompt` is unset
};

}  // namespace llmtool
