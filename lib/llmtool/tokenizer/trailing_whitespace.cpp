#include "llmtool/tokenizer/trailing_whitespace.h"

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

std::size_t previous_code_point(std::string_view text, std::size_t end) {
  do --end;
  while ((static_cast<unsigned char>(text[end]) & 0xc0) == 0x80);
  return end;
}

std::size_t begin_of_trailing_whitespace(std::string_view text) {
  std::size_t begin = text.size();
  while (begin > 0) {
    const std::size_t previous = previous_code_point(text, begin);
    std::size_t position = previous;
    if (!character_properties(decode_utf8(text, position)).is(CharacterProperties::kWhitespace)) break;
    begin = previous;
  }
  return begin;
}

}  // namespace llmtool
