#include "llmtool/tokenizer/byte_level.h"

#include <array>
#include <cstdint>
#include <utility>

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

namespace {

using Character = NormalizedText::Character;

std::string to_utf8(const std::vector<Character>& characters) {
  std::string text;
  for (const Character& character : characters) append_utf8(character.code_point, text);
  return text;
}

// The bytes of a character all come from where the character came from.
void append_bytes(const Character& character, std::vector<Character>& bytes) {
  std::string utf8;
  append_utf8(character.code_point, utf8);
  for (const char byte : utf8) bytes.push_back({character_of_byte(static_cast<unsigned char>(byte)), character.origin});
}

}  // namespace

std::unique_ptr<PreTokenizer> ByteLevelPreTokenizer::make(ComponentReader& reader) {
  Options options;
  options.add_prefix_space = reader.boolean("add_prefix_space");
  if (reader.has("use_regex")) options.use_regex = reader.boolean("use_regex");
  reader.ignore("trim_offsets");  // means something in the post-processor only
  return std::make_unique<ByteLevelPreTokenizer>(options);
}

void ByteLevelPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  const auto& characters = pre_tokenized.text.characters();
  std::vector<Character> rewritten;
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    std::vector<Character> part(characters.begin() + static_cast<std::ptrdiff_t>(word.begin),
                                characters.begin() + static_cast<std::ptrdiff_t>(word.end));
    // The space comes from the character it was put before.
    if (options_.add_prefix_space && part.front().code_point != U' ') part.insert(part.begin(), {U' ', part[0].origin});
    const std::string text = to_utf8(part);
    auto character = part.begin();
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = options_.use_regex ? end_of_gpt2_word(text, begin) : text.size();
      const std::size_t first = rewritten.size();
      while (rewritten.size() - first < end - begin) append_bytes(*character++, rewritten);
      words.push_back({first, rewritten.size()});
      begin = end;
    }
  }
  pre_tokenized.text.rewrite(std::move(rewritten));
  pre_tokenized.words = std::move(words);
}

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
