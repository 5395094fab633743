#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/normalized_text.h"

namespace llmtool {

// Bytes [begin, end) of a text.
struct ByteRange {
  std::size_t begin;
  std::size_t end;
};

// A regular expression as the tokenizers library understands it: Oniguruma, Ruby's syntax, UTF-8. Immutable; may be
// used from several threads at once.
class RegularExpression {
 public:
  // Throws std::invalid_argument with Oniguruma's reason.
  explicit RegularExpression(const std::string& pattern);

  // All matches from the left, none overlapping another. The search is bounded, for there are expressions and texts
  // that would take years: throws DataError naming the expression and the text.
  std::vector<ByteRange> find_all(std::string_view text) const;

 private:
  std::string pattern_;
  std::shared_ptr<void> compiled_;
};

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
