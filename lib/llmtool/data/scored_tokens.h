#pragma once

#include <cstdint>

#include "llmtool/data/sequence_source.h"

namespace llmtool {

// How often the token `id` stands in the texts of all sequences of the first epoch; where sequences share tokens, each
// counts once, as it is scored once.
std::int64_t count_scored_tokens(const SequenceSource& sequences, std::int32_t id);

}  // namespace llmtool
