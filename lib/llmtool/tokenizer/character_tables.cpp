#include "llmtool/tokenizer/character_tables.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "llmtool/core/text.h"

namespace llmtool {
namespace {

struct CharacterRecord {
  std::uint16_t flags;
  std::uint8_t combining_class;
};
struct CharacterRange {
  char32_t first;
  char32_t last;
};
struct Decomposition {
  char32_t code_point;
  std::uint16_t offset;  // into kDecompositionPool
  std::uint8_t length;
};
struct Composition {
  char32_t first;
  char32_t second;
  char32_t composite;
};
struct Lowercase {
  char32_t code_point;
  char32_t first;
  char32_t second;  // 0: none
};

// Two stages: code point / 256 -> block, block and code point % 256 -> record. The other tables are sorted.
#include "llmtool/tokenizer/character_tables.inc"

template <class Row, std::size_t size>
const Row& find_row(const Row (&rows)[size], char32_t code_point) {
  return *std::lower_bound(std::begin(rows), std::end(rows), code_point,
                           [](const Row& row, char32_t value) { return row.code_point < value; });
}

// Unicode 15, section 3.12.
constexpr char32_t kHangulFirst = 0xac00;
constexpr char32_t kHangulLast = 0xd7a3;

constexpr char32_t kLeadingFirst = 0x1100;
constexpr char32_t kVowelFirst = 0x1161;
constexpr char32_t kTrailingFirst = 0x11a7;  // one before the first trailing consonant
constexpr char32_t kNumLeading = 19;
constexpr char32_t kNumVowels = 21;
constexpr char32_t kNumTrailing = 28;

bool is_in(char32_t code_point, char32_t first, char32_t count) {
  return first <= code_point && code_point < first + count;
}

// 0 when the two make no syllable.
char32_t compose_hangul(char32_t first, char32_t second) {
  if (is_in(first, kLeadingFirst, kNumLeading) && is_in(second, kVowelFirst, kNumVowels))
    return kHangulFirst + ((first - kLeadingFirst) * kNumVowels + (second - kVowelFirst)) * kNumTrailing;
  const bool is_open = first >= kHangulFirst && first <= kHangulLast && (first - kHangulFirst) % kNumTrailing == 0;
  return is_open && is_in(second, kTrailingFirst + 1, kNumTrailing - 1) ? first + (second - kTrailingFirst) : 0;
}

std::span<const char32_t> decompose_hangul(char32_t code_point, char32_t (&buffer)[3]) {
  const char32_t index = code_point - kHangulFirst;
  buffer[0] = kLeadingFirst + index / (kNumVowels * kNumTrailing);
  buffer[1] = kVowelFirst + index % (kNumVowels * kNumTrailing) / kNumTrailing;
  buffer[2] = kTrailingFirst + index % kNumTrailing;
  return {buffer, index % kNumTrailing == 0 ? 2u : 3u};
}

}  // namespace

CharacterProperties character_properties(char32_t code_point) {
  const std::size_t block = kBlockOfPage[code_point >> 8];
  const CharacterRecord& record = kRecords[kRecordOfCharacter[block << 8 | (code_point & 0xff)]];
  return {record.flags, record.combining_class};
}

bool is_chinese_character(char32_t code_point) {
  return std::any_of(std::begin(kChineseRanges), std::end(kChineseRanges), [&](const CharacterRange& range) {
    return range.first <= code_point && code_point <= range.last;
  });
}

LowercaseMapping lowercase(char32_t code_point) {
  if (!character_properties(code_point).is(CharacterProperties::kHasLowercase)) return {{code_point, 0}, 1};
  const Lowercase& row = find_row(kLowercase, code_point);
  return {{row.first, row.second}, row.second == 0 ? 1 : 2};
}

std::span<const char32_t> canonical_decomposition(char32_t code_point, char32_t (&buffer)[3]) {
  if (kHangulFirst <= code_point && code_point <= kHangulLast) return decompose_hangul(code_point, buffer);
  if (character_properties(code_point).is(CharacterProperties::kHasDecomposition)) {
    const Decomposition& row = find_row(kDecompositions, code_point);
    return {kDecompositionPool + row.offset, row.length};
  }
  buffer[0] = code_point;
  return {buffer, 1};
}

std::span<const char32_t> compatibility_decomposition(char32_t code_point, char32_t (&buffer)[3]) {
  if (!character_properties(code_point).is(CharacterProperties::kHasCompatibility))
    return canonical_decomposition(code_point, buffer);
  const Decomposition& row = find_row(kCompatibleDecompositions, code_point);
  return {kDecompositionPool + row.offset, row.length};
}

char32_t primary_composite(char32_t first, char32_t second) {
  if (const char32_t syllable = compose_hangul(first, second)) return syllable;
  const auto is_before = [](const Composition& row, std::pair<char32_t, char32_t> wanted) {
    return std::pair(row.first, row.second) < wanted;
  };
  const auto found =
      std::lower_bound(std::begin(kCompositions), std::end(kCompositions), std::pair(first, second), is_before);
  const bool is_there = found != std::end(kCompositions) && found->first == first && found->second == second;
  return is_there ? found->composite : 0;
}

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
