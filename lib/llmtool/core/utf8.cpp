#include "llmtool/core/utf8.h"

#include <algorithm>

namespace llmtool {
namespace {

bool is_continuation(unsigned char byte) { return (byte & 0xc0) == 0x80; }

// Length of the well-formed sequence at `position`, or 0.
std::size_t sequence_length(std::string_view text, std::size_t position) {
  const auto at = [&](std::size_t offset) {
    return position + offset < text.size() ? static_cast<unsigned char>(text[position + offset]) : 0;
  };
  const unsigned char first = at(0);
  const unsigned char second = at(1);
  if (first < 0x80) return 1;
  if (first < 0xc2 || first > 0xf4) return 0;
  if (first < 0xe0) return is_continuation(second) ? 2 : 0;
  if (first < 0xf0) {
    const unsigned char low = first == 0xe0 ? 0xa0 : 0x80;   // no overlong forms
    const unsigned char high = first == 0xed ? 0x9f : 0xbf;  // no surrogates
    return second >= low && second <= high && is_continuation(at(2)) ? 3 : 0;
  }
  const unsigned char low = first == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xf4 ? 0x8f : 0xbf;  // nothing above U+10FFFF
  return second >= low && second <= high && is_continuation(at(2)) && is_continuation(at(3)) ? 4 : 0;
}

}  // namespace

std::optional<std::size_t> find_invalid_utf8(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    const std::size_t length = sequence_length(text, position);
    if (length == 0) return position;
    position += length;
  }
  return std::nullopt;
}

char32_t decode_utf8(std::string_view text, std::size_t& position) {
  const auto next = [&] { return static_cast<unsigned char>(text[position++]); };
  const unsigned char first = next();
  if (first < 0x80) return first;
  const int continuation_bytes = first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  char32_t code_point = first & (0x3f >> continuation_bytes);
  for (int i = 0; i < continuation_bytes; ++i) code_point = code_point << 6 | (next() & 0x3f);
  return code_point;
}

void append_utf8(char32_t code_point, std::string& text) {
  if (code_point < 0x80) {
    text += static_cast<char>(code_point);
  } else if (code_point < 0x800) {
    text += static_cast<char>(0xc0 | code_point >> 6);
    text += static_cast<char>(0x80 | (code_point & 0x3f));
  } else if (code_point < 0x10000) {
    text += static_cast<char>(0xe0 | code_point >> 12);
    text += static_cast<char>(0x80 | (code_point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code_point & 0x3f));
  } else {
    text += static_cast<char>(0xf0 | code_point >> 18);
    text += static_cast<char>(0x80 | (code_point >> 12 & 0x3f));
    text += static_cast<char>(0x80 | (code_point >> 6 & 0x3f));
    text += static_cast<char>(0x80 | (code_point & 0x3f));
  }
}

std::size_t count_code_points(std::string_view text) {
  std::size_t count = 0;
  for (const char byte : text) count += is_continuation(static_cast<unsigned char>(byte)) ? 0 : 1;
  return count;
}

SourcePosition position_in(std::string_view text, std::size_t offset, const std::string& file,
                           std::int64_t first_line) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const std::size_t line_start = before.find_last_of('\n') + 1;
  const auto line = first_line + std::count(before.begin(), before.end(), '\n');
  return {file, line, static_cast<std::int64_t>(count_code_points(before.substr(line_start))) + 1};
}

}  // namespace llmtool
