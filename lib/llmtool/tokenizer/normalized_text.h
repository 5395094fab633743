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
// A text can only grow so far: every member that lengthens it throws DataError beyond the limit, before it takes
// memory.
class NormalizedText {
 public:
  struct Character {
    char32_t code_point;
    Offset origin;
  };

  // Characters that any text may have once it is normalised; one that is longer by itself may become kMostGrowth times
  // as long.
  static constexpr std::size_t kMostCharacters = std::size_t{1} << 24;
  static constexpr std::size_t kMostGrowth = 4;

  NormalizedText() = default;
  // Well-formed UTF-8 whose first code point has index `first_index` in the original text.
  NormalizedText(std::string_view text, std::int32_t first_index);

  const std::vector<Character>& characters() const { return characters_; }
  std::size_t size() const { return characters_.size(); }
  std::string to_utf8() const;
  // Other characters in place of the present ones.
  void rewrite(std::vector<Character> characters);
  // Characters [begin, end) as a text of their own.
  NormalizedText part(std::size_t begin, std::size_t end) const;

  // Drops all but characters [begin, end).
  void keep(std::size_t begin, std::size_t end);
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
      require_room(expanded.size() + replacement.size());
      for (const char32_t code_point : replacement) expanded.push_back({code_point, character.origin});
    }
    characters_ = std::move(expanded);
  }
  // Lowercase of each code point by itself.
  void to_lowercase();
  // Puts `content` before a text that is not empty; it comes from the first character.
  void prepend(std::u32string_view content);
  // Each match, given in characters, ascending and apart, becomes `content`, which comes from the match's last
  // character.
  void replace(const std::vector<std::pair<std::size_t, std::size_t>>& matches, std::u32string_view content);

  // One character of a new content. It takes the place of the next present one (0), comes besides from the same place
  // as the one before it (1), or takes the place of the next and swallows -change more.
  struct Change {
    char32_t code_point;
    std::int32_t change;
  };
  // Origins as the library's NormalizedString::transform gives them.
  void transform(const std::vector<Change>& content);
  // Throws DataError when the text may not have `size` characters.
  void require_room(std::size_t size) const;

 private:
  NormalizedText(std::vector<Character> characters, std::int32_t begin, std::size_t limit)
      : characters_(std::move(characters)), begin_(begin), limit_(limit) {}

  // Origin of a character that is put behind the first `index` ones.
  Offset origin_before(std::size_t index) const {
    return index == 0 ? Offset{begin_, begin_} : characters_[index - 1].origin;
  }

  std::vector<Character> characters_;
  std::int32_t begin_ = 0;  // what comes from nothing in the original stands at this code point of it
  std::size_t limit_ = kMostCharacters;
};

}  // namespace llmtool
