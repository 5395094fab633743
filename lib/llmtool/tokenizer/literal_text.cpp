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

std::string replace_all(const std::string& text, std::string_view pattern, std::string_view replacement) {
  std::string replaced;
  std::size_t kept = 0;
  for (std::size_t at = text.find(pattern); at != std::string::npos; at = text.find(pattern, kept)) {
    replaced.append(text, kept, at - kept).append(replacement);
    kept = at + pattern.size();
  }
  return replaced.append(text, kept);
}

}  // namespace llmtool
