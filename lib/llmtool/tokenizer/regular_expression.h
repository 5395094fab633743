#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

}  // namespace llmtool
