#pragma once

#include <cstdint>
#include <optional>

#include "llmtool/tokenizer/options.h"

namespace llmtool {

// Tokens kept of each text.
struct KeptLengths {
  std::int64_t first;
  std::int64_t second;
};

// What stays of two texts (`second` unset: of one) when `room` tokens fit, as the tokenizers library divides it
// (utils/truncation.rs). Throws DataError when only_first or only_second alone cannot make it fit.
KeptLengths truncated_lengths(std::int64_t first, std::optional<std::int64_t> second, std::int64_t room,
                              TruncationStrategy strategy);

}  // namespace llmtool
