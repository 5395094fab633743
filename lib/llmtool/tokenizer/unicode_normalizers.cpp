#include "llmtool/tokenizer/unicode_normalizers.h"

#include <algorithm>
#include <span>
#include <vector>

#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {
namespace {

using Change = NormalizedText::Change;

std::uint8_t combining_class(const Change& piece) { return character_properties(piece.code_point).combining_class; }
bool is_starter(const Change& piece) { return combining_class(piece) == 0; }

// Unicode 15, definition D109: runs of non-zero combining classes, sorted stably.
void order_canonically(std::vector<Change>& pieces) {
  auto begin = std::find_if_not(pieces.begin(), pieces.end(), is_starter);
  while (begin != pieces.end()) {
    const auto end = std::find_if(begin, pieces.end(), is_starter);
    std::stable_sort(begin, end,
                     [](const Change& a, const Change& b) { return combining_class(a) < combining_class(b); });
    begin = std::find_if_not(end, pieces.end(), is_starter);
  }
}

// The library counts in the ordered result: the first piece of a decomposition takes the next character's place, every
// other comes besides, whichever character it really came from.
std::vector<Change> decomposition(const NormalizedText& text, UnicodeMapping mapping) {
  std::vector<Change> pieces;
  pieces.reserve(text.size());
  char32_t buffer[3];
  for (const NormalizedText::Character& character : text.characters()) {
    std::int32_t change = 0;
    const std::span<const char32_t> parts = mapping == UnicodeMapping::kCanonical
                                                ? canonical_decomposition(character.code_point, buffer)
                                                : compatibility_decomposition(character.code_point, buffer);
    for (const char32_t part : parts) {
      pieces.push_back({part, change});
      change = 1;
    }
  }
  order_canonically(pieces);
  return pieces;
}

// Unicode 15, definition D117: a mark joins the last starter unless something of its class or a higher one is between.
std::vector<Change> composition(const std::vector<Change>& pieces) {
  constexpr std::size_t kNone = static_cast<std::size_t>(-1);
  std::vector<Change> composed;
  composed.reserve(pieces.size());
  std::size_t starter = kNone;
  for (const Change& piece : pieces) {
    const bool follows_directly = starter + 1 == composed.size();
    const bool is_blocked =
        starter == kNone || (!follows_directly && combining_class(composed.back()) >= combining_class(piece));
    if (!is_blocked) {
      Change& first = composed[starter];
      if (const char32_t composite = primary_composite(first.code_point, piece.code_point)) {
        first = {composite, first.change + piece.change - 1};
        continue;
      }
    }
    if (is_starter(piece)) starter = composed.size();
    composed.push_back(piece);
  }
  return composed;
}

}  // namespace

void decompose(NormalizedText& text, UnicodeMapping mapping) { text.transform(decomposition(text, mapping)); }

void compose(NormalizedText& text, UnicodeMapping mapping) {
  text.transform(composition(decomposition(text, mapping)));
}

namespace {

bool is_nmt_control(char32_t c) {
  return (c >= 0x01 && c <= 0x08) || c == 0x0b || (c >= 0x0e && c <= 0x1f) || c == 0x7f || c == 0x8f || c == 0x9f;
}

bool is_nmt_space(char32_t c) {
  return c == 0x09 || c == 0x0a || c == 0x0c || c == 0x0d || c == 0x1680 || (c >= 0x200b && c <= 0x200f) ||
         c == 0x2028 || c == 0x2029 || c == 0x2581 || c == 0xfeff || c == 0xfffd;
}

}  // namespace

std::unique_ptr<Normalizer> DecomposingNormalizer::make_nfd(ComponentReader&) {
  return std::make_unique<DecomposingNormalizer>(UnicodeMapping::kCanonical);
}
std::unique_ptr<Normalizer> DecomposingNormalizer::make_nfkd(ComponentReader&) {
  return std::make_unique<DecomposingNormalizer>(UnicodeMapping::kCompatibility);
}
std::unique_ptr<Normalizer> ComposingNormalizer::make_nfc(ComponentReader&) {
  return std::make_unique<ComposingNormalizer>(UnicodeMapping::kCanonical);
}
std::unique_ptr<Normalizer> ComposingNormalizer::make_nfkc(ComponentReader&) {
  return std::make_unique<ComposingNormalizer>(UnicodeMapping::kCompatibility);
}

std::unique_ptr<Normalizer> NmtNormalizer::make(ComponentReader&) { return std::make_unique<NmtNormalizer>(); }

void NmtNormalizer::normalize(NormalizedText& text) const {
  text.filter([](char32_t c) { return !is_nmt_control(c); });
  text.map([](char32_t c) { return is_nmt_space(c) ? U' ' : c; });
}

}  // namespace llmtool
