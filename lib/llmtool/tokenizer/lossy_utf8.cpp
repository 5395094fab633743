#include "llmtool/tokenizer/lossy_utf8.h"

#include <cstddef>

#include "llmtool/core/utf8.h"

namespace llmtool {
namespace {

struct Sequence {
  std::size_t length;  // 1 for a byte that begins nothing
  // What may follow the first byte (Unicode 15, table 3-7).
  unsigned char lowest = 0x80;
  unsigned char highest = 0xbf;
};

Sequence sequence_of(unsigned char first) {
  if (first >= 0xc2 && first <= 0xdf) return {2};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first >= 0xe1 && first <= 0xef) return {3};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first >= 0xf1 && first <= 0xf3) return {4};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {1};
}

// Length of the part at the beginning of ill-formed `bytes` that could still have become a character.
std::size_t broken_length(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
  const Sequence sequence = sequence_of(byte(0));
  std::size_t length = 1;
  while (length < sequence.length && length < bytes.size()) {
    const unsigned char lowest = length == 1 ? sequence.lowest : 0x80;
    const unsigned char highest = length == 1 ? sequence.highest : 0xbf;
    if (byte(length) < lowest || byte(length) > highest) break;
    ++length;
  }
  return length;
}

}  // namespace

std::string to_lossy_utf8(std::string_view bytes) {
  std::string text;
  for (;;) {
    const auto invalid = find_invalid_utf8(bytes);
    text += bytes.substr(0, invalid.value_or(bytes.size()));
    if (!invalid) return text;
    append_utf8(0xfffd, text);
    bytes.remove_prefix(*invalid);
    bytes.remove_prefix(broken_length(bytes));
  }
}

}  // namespace llmtool
