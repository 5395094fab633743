#include "llmtool/tokenizer/literal_text.h"

#include "llmtool/core/utf8.h"

namespace llmtool {

char32_t read_character(ComponentReader& reader, std::string_view key) {
  const std::string text = reader.string(key);
  std::size_t end = 0;
  const char32_t character = text.empty() ? 0 : decode_utf8(text, end);
  if (text.empty() || end != text.size()) reader.fail(quote(key) + " must be one character, found " + quote(text));
  return character;
}

std::string replace_all(std::string text, std::string_view pattern, std::string_view replacement) {
  for (std::size_t at = text.find(pattern); at != std::string::npos; at = text.find(pattern, at + replacement.size()))
    text.replace(at, pattern.size(), replacement);
  return text;
}

}  // namespace llmtool
