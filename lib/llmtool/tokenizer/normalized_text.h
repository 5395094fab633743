#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/encoding.h"

namespace llmtool {

// A text under normalisation: its present code points and, for each, the code points of the original it came from.
// Origins follow the rules of the tokenizers library's NormalizedString, so that offsets are equal to its.
class NormalizedText {
 public:
  struct Character {
    char32_t code_point;
    Offset origin;
  };

  NormalizedText() = default;
  explicit NormalizedText(std::vector<Character> characters) : characters_(std::move(characters)) {}
  // Well-formed UTF-8 whose first code point has index `first_index` in the original text.
  NormalizedText(std::string_view text, std::int32_t first_index);

  const std::vector<Character>& characters() const { return characters_; }
  std::size_t size() const { return characters_.size(); }
  std::string to_utf8() const;
  // Characters [begin, end) as a text of their own.
  NormalizedText part(std::size_t begin, std::size_t end) const;

  // Drops what `keep` refuses; what stays keeps its own origin.
  template <class Keep>
  void filter(const Keep& keep) {
    std::erase_if(characters_, [&](const Character& character) { return !keep(character.code_point); });
  }
  // One code point for another.
  template <class Map>
  void map(const Map& replacement) {
    for (Character& character : characters_) character.code_point = replacement(character.code_point);
  }
  // Each code point becomes what `append_replacement(code_point, u32string)` appends, all of the same origin.
  template <class Append>
  void expand(const Append& append_replacement) {
    std::vector<Character> expanded;
    expanded.reserve(characters_.size());
    std::u32string replacement;
    for (const Character& character : characters_) {
      replacement.clear();
      append_replacement(character.code_point, replacement);
      for (const char32_t code_point : replacement) expanded.push_back({code_point, character.origin});
    }
    characters_ = std::move(expanded);
  }
  // Lowercase of each code point by itself.
  void to_lowercase();
  // Puts `content` before a text that is not empty; it comes from the first character.
  void prepend(std::u32string_view content);
  // Each `pattern` (not empty), from the left, becomes `content`, which comes from the last character of the match.
  void replace(std::u32string_view pattern, std::u32string_view content);
  // Canonical decomposition and ordering (NFD). Origins stay in ascending order even where marks change places.
  void decompose();

 private:
  std::vector<Character> characters_;
};

}  // namespace llmtool
