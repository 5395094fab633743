#include "llmtool/tokenizer/normalized_text.h"

#include <algorithm>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

NormalizedText::NormalizedText(std::string_view text, std::int32_t first_index) : begin_(first_index) {
  characters_.reserve(text.size());
  for (std::size_t position = 0; position < text.size(); ++first_index)
    characters_.push_back({decode_utf8(text, position), {first_index, first_index + 1}});
  limit_ = std::max(kMostCharacters, kMostGrowth * characters_.size());
}

void NormalizedText::require_room(std::size_t size) const {
  if (size > limit_)
    throw DataError("normalised as the tokenizer has it, the text grows beyond " + std::to_string(limit_) +
                    " characters; shorten it, or see whether the tokenizer is damaged");
}

void NormalizedText::rewrite(std::vector<Character> characters) {
  require_room(characters.size());
  characters_ = std::move(characters);
}

std::string NormalizedText::to_utf8() const {
  std::string text;
  for (const Character& character : characters_) append_utf8(character.code_point, text);
  return text;
}

NormalizedText NormalizedText::part(std::size_t begin, std::size_t end) const {
  return {{characters_.begin() + static_cast<std::ptrdiff_t>(begin),
           characters_.begin() + static_cast<std::ptrdiff_t>(end)},
          begin < end ? characters_[begin].origin.begin : begin_,
          limit_};
}

void NormalizedText::keep(std::size_t begin, std::size_t end) {
  characters_.erase(characters_.begin() + static_cast<std::ptrdiff_t>(end), characters_.end());
  characters_.erase(characters_.begin(), characters_.begin() + static_cast<std::ptrdiff_t>(begin));
}

void NormalizedText::to_lowercase() {
  expand([](char32_t c, std::u32string& replacement) {
    const LowercaseMapping mapping = lowercase(c);
    replacement.append(mapping.characters, mapping.length);
  });
}

void NormalizedText::prepend(std::u32string_view content) {
  if (characters_.empty()) return;
  require_room(characters_.size() + content.size());
  std::vector<Character> inserted;
  for (const char32_t c : content) inserted.push_back({c, characters_.front().origin});
  characters_.insert(characters_.begin(), inserted.begin(), inserted.end());
}

void NormalizedText::replace(const std::vector<std::pair<std::size_t, std::size_t>>& matches,
                             std::u32string_view content) {
  std::vector<Character> replaced;
  replaced.reserve(characters_.size());
  const auto at = [&](std::size_t index) { return characters_.begin() + static_cast<std::ptrdiff_t>(index); };
  std::size_t kept = 0;
  for (const auto& [begin, end] : matches) {
    require_room(replaced.size() + begin - kept + content.size());
    replaced.insert(replaced.end(), at(kept), at(begin));
    const Offset origin = origin_before(end);
    for (const char32_t c : content) replaced.push_back({c, origin});
    kept = end;
  }
  replaced.insert(replaced.end(), at(kept), characters_.end());
  rewrite(std::move(replaced));
}

void NormalizedText::transform(const std::vector<Change>& content) {
  std::vector<Character> transformed;
  transformed.reserve(content.size());
  std::size_t next = 0;
  for (const auto& [code_point, change] : content) {
    if (change > 0) {
      transformed.push_back({code_point, origin_before(next)});
      continue;
    }
    transformed.push_back({code_point, characters_[next].origin});
    next += static_cast<std::size_t>(1 - change);
  }
  rewrite(std::move(transformed));
}

}  // namespace llmtool
