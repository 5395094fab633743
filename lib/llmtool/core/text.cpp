#include "llmtool/core/text.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>

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

bool matches_pattern(std::string_view name, std::string_view pattern) {
  std::size_t at = 0;
  std::size_t in_pattern = 0;
  std::size_t star = std::string_view::npos;  // the last one passed
  std::size_t behind_star = 0;                // what of the name follows the characters it stands for
  while (at < name.size()) {
    if (in_pattern < pattern.size() && pattern[in_pattern] == '*') {
      star = in_pattern++;
      behind_star = at;
    } else if (in_pattern < pattern.size() && (pattern[in_pattern] == '?' || pattern[in_pattern] == name[at])) {
      ++in_pattern;
      ++at;
    } else if (star != std::string_view::npos) {
      in_pattern = star + 1;
      at = ++behind_star;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', in_pattern) == std::string_view::npos;
}

}  // namespace llmtool
