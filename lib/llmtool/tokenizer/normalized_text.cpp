#include "llmtool/tokenizer/normalized_text.h"

#include <algorithm>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

NormalizedText::NormalizedText(std::string_view text, std::int32_t first_index) {
  characters_.reserve(text.size());
  for (std::size_t position = 0; position < text.size(); ++first_index)
    characters_.push_back({decode_utf8(text, position), {first_index, first_index + 1}});
}

std::string NormalizedText::to_utf8() const {
  std::string text;
  for (const Character& character : characters_) append_utf8(character.code_point, text);
  return text;
}

NormalizedText NormalizedText::part(std::size_t begin, std::size_t end) const {
  return NormalizedText(std::vector<Character>(characters_.begin() + static_cast<std::ptrdiff_t>(begin),
                                               characters_.begin() + static_cast<std::ptrdiff_t>(end)));
}

void NormalizedText::to_lowercase() {
  expand([](char32_t c, std::u32string& replacement) {
    const LowercaseMapping mapping = lowercase(c);
    replacement.append(mapping.characters, mapping.length);
  });
}

void NormalizedText::prepend(std::u32string_view content) {
  if (characters_.empty()) return;
  std::vector<Character> inserted;
  for (const char32_t c : content) inserted.push_back({c, characters_.front().origin});
  characters_.insert(characters_.begin(), inserted.begin(), inserted.end());
}

void NormalizedText::replace(std::u32string_view pattern, std::u32string_view content) {
  const auto is = [](const Character& character, char32_t c) { return character.code_point == c; };
  std::vector<Character> replaced;
  replaced.reserve(characters_.size());
  for (auto at = characters_.begin(); at != characters_.end();) {
    const auto match = std::search(at, characters_.end(), pattern.begin(), pattern.end(), is);
    replaced.insert(replaced.end(), at, match);
    if (match == characters_.end()) break;
    at = match + static_cast<std::ptrdiff_t>(pattern.size());
    for (const char32_t c : content) replaced.push_back({c, std::prev(at)->origin});
  }
  characters_ = std::move(replaced);
}

namespace {

struct Piece {
  char32_t code_point;
  std::uint8_t combining_class;
  bool first;  // of its decomposition
};

// Unicode 15, definition D109: runs of non-zero combining classes, sorted stably.
void order_canonically(std::vector<Piece>& pieces) {
  const auto is_starter = [](const Piece& piece) { return piece.combining_class == 0; };
  auto begin = std::find_if_not(pieces.begin(), pieces.end(), is_starter);
  while (begin != pieces.end()) {
    const auto end = std::find_if(begin, pieces.end(), is_starter);
    std::stable_sort(begin, end, [](const Piece& a, const Piece& b) { return a.combining_class < b.combining_class; });
    begin = std::find_if_not(end, pieces.end(), is_starter);
  }
}

}  // namespace

void NormalizedText::decompose() {
  std::vector<Piece> pieces;
  pieces.reserve(characters_.size());
  char32_t buffer[3];
  for (const Character& character : characters_) {
    bool first = true;
    for (const char32_t part : canonical_decomposition(character.code_point, buffer)) {
      pieces.push_back({part, character_properties(part).combining_class, first});
      first = false;
    }
  }
  order_canonically(pieces);
  // The library walks the ordered result: the first piece of a decomposition takes the next character's origin, every
  // other piece repeats the one before it, whichever character it really came from.
  std::vector<Character> decomposed;
  decomposed.reserve(pieces.size());
  auto next = characters_.begin();
  for (const Piece& piece : pieces) {
    if (piece.first) ++next;
    decomposed.push_back({piece.code_point, std::prev(next)->origin});
  }
  characters_ = std::move(decomposed);
}

}  // namespace llmtool
