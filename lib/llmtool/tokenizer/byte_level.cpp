#include "llmtool/tokenizer/byte_level.h"

#include <array>
#include <cstdint>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {
namespace {

constexpr bool stands_for_itself(int byte) {
  return (byte >= '!' && byte <= '~') || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae;
}

constexpr char32_t kFirstNumbered = 0x100;
constexpr std::size_t kNumNumbered = 68;

constexpr auto kCharacterOfByte = [] {
  std::array<char32_t, 256> characters{};
  char32_t numbered = kFirstNumbered;
  for (int byte = 0; byte < 256; ++byte)
    characters[static_cast<std::size_t>(byte)] = stands_for_itself(byte) ? static_cast<char32_t>(byte) : numbered++;
  return characters;
}();

constexpr auto kByteOfNumbered = [] {
  std::array<unsigned char, kNumNumbered> bytes{};
  for (std::size_t byte = 0; byte < 256; ++byte)
    if (kCharacterOfByte[byte] >= kFirstNumbered)
      bytes[kCharacterOfByte[byte] - kFirstNumbered] = static_cast<unsigned char>(byte);
  return bytes;
}();

enum class Class : std::uint8_t { kSpace, kLetter, kNumber, kOther };

Class look_up(char32_t c) {
  const CharacterProperties properties = character_properties(c);
  if (properties.is(CharacterProperties::kLetter)) return Class::kLetter;
  if (properties.is(CharacterProperties::kNumber)) return Class::kNumber;
  return properties.is(CharacterProperties::kWhitespace) ? Class::kSpace : Class::kOther;
}

constexpr auto kAsciiClass = [] {
  std::array<Class, 128> classes{};
  for (std::size_t c = 0; c < classes.size(); ++c) {
    const bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool is_space = c == ' ' || (c >= '\t' && c <= '\r');
    classes[c] = is_letter                ? Class::kLetter
                 : (c >= '0' && c <= '9') ? Class::kNumber
                 : is_space               ? Class::kSpace
                                          : Class::kOther;
  }
  return classes;
}();

// Class of the character at `position`, which moves behind it.
Class next_class(std::string_view text, std::size_t& position) {
  const auto byte = static_cast<unsigned char>(text[position]);
  if (byte >= 0x80) return look_up(decode_utf8(text, position));
  ++position;
  return kAsciiClass[byte];
}

// Length of an English contraction at `begin`, or 0.
std::size_t contraction_length(std::string_view text, std::size_t begin) {
  if (text[begin] != '\'' || begin + 1 == text.size()) return 0;
  if (std::string_view("stmd").find(text[begin + 1]) != std::string_view::npos) return 2;
  const std::string_view two = text.substr(begin + 1, 2);
  return two == "re" || two == "ve" || two == "ll" ? 3 : 0;
}

// The last whitespace character is left to the word it precedes, unless it is the only one.
std::size_t end_of_whitespace(std::string_view text, std::size_t begin) {
  std::size_t last = begin;
  std::size_t end = begin;
  for (std::size_t next = begin; next < text.size(); end = next) {
    const std::size_t at = next;
    if (next_class(text, next) != Class::kSpace) return last > begin ? last : end;
    last = at;
  }
  return end;
}

}  // namespace

char32_t character_of_byte(unsigned char byte) { return kCharacterOfByte[byte]; }

std::optional<unsigned char> byte_of_character(char32_t character) {
  if (character < kFirstNumbered)
    return stands_for_itself(static_cast<int>(character)) ? std::optional(static_cast<unsigned char>(character))
                                                          : std::nullopt;
  if (character >= kFirstNumbered + kNumNumbered) return std::nullopt;
  return kByteOfNumbered[character - kFirstNumbered];
}

void append_byte_characters(std::string_view bytes, std::string& text) {
  for (const char byte : bytes) append_utf8(kCharacterOfByte[static_cast<unsigned char>(byte)], text);
}

std::size_t end_of_gpt2_word(std::string_view text, std::size_t begin) {
  if (const std::size_t length = contraction_length(text, begin)) return begin + length;
  std::size_t end = begin;
  Class kind = next_class(text, end);
  if (kind == Class::kSpace) {
    // One space goes with the word behind it; any other whitespace stands alone.
    if (text[begin] != ' ' || end == text.size()) return end_of_whitespace(text, begin);
    kind = next_class(text, end);
    if (kind == Class::kSpace) return end_of_whitespace(text, begin);
  }
  for (std::size_t next = end; next < text.size(); end = next)
    if (next_class(text, next) != kind) break;
  return end;
}

}  // namespace llmtool
