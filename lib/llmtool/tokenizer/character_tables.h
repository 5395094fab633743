#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace llmtool {

// Properties of a code point as the pinned `tokenizers` release sees them. Its classes are older than today's Unicode
// and come from several sources, so no Unicode library gives the same ids.
struct CharacterProperties {
  enum Flag : std::uint16_t {
    kRemoved = 1 << 0,         // dropped by clean_text: control, format, private use, unassigned, U+0000, U+FFFD
    kWhitespace = 1 << 1,      // White_Space; clean_text turns what it does not drop into U+0020
    kPunctuation = 1 << 2,     // ASCII punctuation and symbols, and categories P*
    kNonspacingMark = 1 << 3,  // dropped by strip_accents of BertNormalizer
    kCombiningMark = 1 << 4,   // dropped by StripAccents
    kWordCharacter = 1 << 5,   // \w of regular expressions
    kHasDecomposition = 1 << 6,
    kHasLowercase = 1 << 7,
    kLetter = 1 << 8,    // \p{L} of ByteLevel's regular expression
    kNumber = 1 << 9,    // \p{N} of the same
    kNumeric = 1 << 10,  // set apart by Digits
    kHasCompatibility = 1 << 11,
    kContinuesCluster = 1 << 12,  // Extend, SpacingMark or ZWJ of grapheme clusters
  };
  std::uint16_t flags = 0;
  std::uint8_t combining_class = 0;  // canonical combining class, as far as the order of the classes goes

  bool is(Flag flag) const { return (flags & flag) != 0; }
};

// `code_point` < 0x110000 for all of them.
CharacterProperties character_properties(char32_t code_point);
bool is_chinese_character(char32_t code_point);

// Full lowercase mapping without context (final sigma is σ); length 1, or 2 for U+0130.
struct LowercaseMapping {
  char32_t characters[2];
  int length;
};
LowercaseMapping lowercase(char32_t code_point);

// Full canonical decomposition; `buffer` holds Hangul syllables, which are computed. Length 1 for most.
std::span<const char32_t> canonical_decomposition(char32_t code_point, char32_t (&buffer)[3]);
// The same with compatibility mappings (NFKD).
std::span<const char32_t> compatibility_decomposition(char32_t code_point, char32_t (&buffer)[3]);

// The primary composite of two code points, 0 without one.
char32_t primary_composite(char32_t first, char32_t second);

// Start of the code point that ends before `end` > 0 in well-formed UTF-8.
std::size_t previous_code_point(std::string_view text, std::size_t end);

// Where the characters of Unicode's White_Space begin that end a text; its size when none do.
std::size_t begin_of_trailing_whitespace(std::string_view text);

}  // namespace llmtool
