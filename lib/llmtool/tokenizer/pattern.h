#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/normalized_text.h"
#include "llmtool/tokenizer/regular_expression.h"

namespace llmtool {

// What Replace and Split look for: {"String": "…"} or {"Regex": "…"} of a tokenizer.json.
class Pattern {
 public:
  // Reads the value of `key`; throws ModelError for an empty string and a wrong expression.
  static Pattern read(ComponentReader& reader, std::string_view key);

  // Matches from the left, none overlapping another. Throws DataError when the search takes too long.
  std::vector<ByteRange> find_all(std::string_view text) const;
  // Every match replaced. Throws DataError when the result would have more than `most_bytes`.
  std::string replace_all(const std::string& text, std::string_view replacement, std::size_t most_bytes) const;

 private:
  std::string literal_;
  std::optional<RegularExpression> expression_;  // instead of the literal
};

// The same ranges counted in characters [begin, end) of `text`, which is the UTF-8 they were found in.
std::vector<std::pair<std::size_t, std::size_t>> in_characters(const std::vector<ByteRange>& ranges,
                                                               std::string_view text);

}  // namespace llmtool
