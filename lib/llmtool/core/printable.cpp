#include "llmtool/core/printable.h"

#include <algorithm>
#include <cstdio>

#include "llmtool/core/utf8.h"

namespace llmtool {
namespace {

constexpr std::size_t kLongestMessage = std::size_t{16} << 10;

bool is_between(char32_t code_point, char32_t first, char32_t last) {
  return code_point >= first && code_point <= last;
}

bool is_control(char32_t code_point) { return code_point < 0x20 || is_between(code_point, 0x7f, 0x9f); }

bool is_hidden(char32_t code_point) {
  return is_control(code_point) || code_point == 0x61c || code_point == 0xfeff || code_point == 0x200b ||
         is_between(code_point, 0x200e, 0x200f) || is_between(code_point, 0x2028, 0x202e) ||
         is_between(code_point, 0x2060, 0x2069);
}

void append_number(const char* format, unsigned number, std::string& result) {
  char text[12];
  std::snprintf(text, sizeof(text), format, number);
  result += text;
}

// Of the sequence that `first` begins.
std::size_t sequence_length(unsigned char first) {
  if (first < 0x80) return 1;
  return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

}  // namespace

void append_visibly(std::string_view text, std::size_t& position, std::string& result) {
  const auto first = static_cast<unsigned char>(text[position]);
  const std::string_view sequence = text.substr(position, sequence_length(first));
  if (find_invalid_utf8(sequence)) {
    ++position;
    return append_number("\\x%02x", first, result);
  }
  std::size_t end = 0;
  const char32_t code_point = decode_utf8(sequence, end);
  position += end;
  if (!is_hidden(code_point)) {
    result += sequence;
  } else if (code_point == '\n' || code_point == '\t' || code_point == '\r') {
    result += code_point == '\n' ? "\\n" : code_point == '\t' ? "\\t" : "\\r";
  } else {
    append_number(code_point < 0x80 ? "\\x%02x" : "\\u%04x", code_point, result);
  }
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t position = 0; position < text.size();) {
    const char letter = text[position];
    if (letter == '\n' || letter == '\t') {
      result += letter;
      ++position;
    } else {
      append_visibly(text, position, result);
    }
  }
  return result;
}

std::string shortened(std::string_view text, std::size_t most) {
  std::size_t position = 0;
  for (std::size_t shown = 0; shown < most && position < text.size(); ++shown) decode_utf8(text, position);
  std::string result(text.substr(0, position));
  return position < text.size() ? result + "…" : result;
}

std::string printable_message(std::string_view message) {
  if (message.size() <= kLongestMessage) return printable(message);
  // Not in the middle of a character.
  std::size_t end = kLongestMessage;
  while (end > 0 && (static_cast<unsigned char>(message[end]) & 0xc0) == 0x80) --end;
  return printable(message.substr(0, end)) + "… (" + std::to_string(message.size() - end) + " more bytes)";
}

}  // namespace llmtool
