#include "llmtool/tokenizer/encoding.h"

#include <algorithm>
#include <string>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// The shorter text stays whole as long as half the room is enough for it.
KeptLengths balance(std::int64_t first, std::int64_t second, std::int64_t room) {
  std::int64_t shorter = std::min(first, second);
  std::int64_t longer = shorter > room ? shorter : std::max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = room / 2;
    longer = shorter + room % 2;
  }
  return first > second ? KeptLengths{longer, shorter} : KeptLengths{shorter, longer};
}

}  // namespace

KeptLengths truncated_lengths(std::int64_t first, std::optional<std::int64_t> second, std::int64_t room,
                              TruncationStrategy strategy) {
  const std::int64_t excess = first + second.value_or(0) - room;
  if (excess <= 0) return {first, second.value_or(0)};
  if (room == 0) return {0, 0};
  if (strategy == TruncationStrategy::kLongestFirst) {
    const KeptLengths kept = second ? balance(first, *second, room) : KeptLengths{room, 0};
    return {std::min(kept.first, first), std::min(kept.second, second.value_or(0))};
  }
  const bool cuts_first = strategy == TruncationStrategy::kOnlyFirst;
  if (!cuts_first && !second)
    throw DataError("truncation 'only_second' was asked for, but there is no second text; use 'longest_first'");
  const std::int64_t length = cuts_first ? first : *second;
  if (length <= excess)
    throw DataError("truncation '" + std::string(enum_name(strategy)) + "' cannot bring " +
                    std::to_string(first + second.value_or(0)) + " tokens down to " + std::to_string(room) +
                    ": that text has only " + std::to_string(length) + "; use 'longest_first' or a larger max_length");
  return cuts_first ? KeptLengths{first - excess, second.value_or(0)} : KeptLengths{first, *second - excess};
}

}  // namespace llmtool
