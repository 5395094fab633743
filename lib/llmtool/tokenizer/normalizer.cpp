#include "llmtool/tokenizer/normalizer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <span>
#include <utility>
#include <vector>

#include "llmtool/core/text.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/pattern.h"
#include "llmtool/tokenizer/precompiled_normalizer.h"

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

namespace {

// Several normalizers, one after the other.
class NormalizerSequence : public Normalizer {
 public:
  explicit NormalizerSequence(std::vector<std::unique_ptr<Normalizer>> normalizers)
      : normalizers_(std::move(normalizers)) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  std::vector<std::unique_ptr<Normalizer>> normalizers_;
};

class LowercaseNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

// A text before every text that is not empty.
class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(std::u32string content) : content_(std::move(content)) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  std::u32string content_;
};

// One text for another.
class ReplaceNormalizer : public Normalizer {
 public:
  ReplaceNormalizer(Pattern pattern, std::u32string content)
      : pattern_(std::move(pattern)), content_(std::move(content)) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  Pattern pattern_;
  std::u32string content_;
};

// Whitespace off the ends of the text.
class StripNormalizer : public Normalizer {
 public:
  StripNormalizer(bool left, bool right) : left_(left), right_(right) {}
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;

 private:
  bool left_;
  bool right_;
};

// Drops combining marks; unlike BertNormalizer's strip_accents it does not decompose first.
class StripAccentsNormalizer : public Normalizer {
 public:
  static std::unique_ptr<Normalizer> make(ComponentReader& reader);
  void normalize(NormalizedText& text) const override;
};

std::u32string to_code_points(const std::string& text) {
  std::u32string code_points;
  for (std::size_t position = 0; position < text.size();) code_points += decode_utf8(text, position);
  return code_points;
}

std::unique_ptr<Normalizer> NormalizerSequence::make(ComponentReader& reader) {
  std::vector<std::unique_ptr<Normalizer>> normalizers;
  for (ComponentReader& member : reader.list("normalizers")) normalizers.push_back(make_normalizer(std::move(member)));
  return std::make_unique<NormalizerSequence>(std::move(normalizers));
}

void NormalizerSequence::normalize(NormalizedText& text) const {
  for (const auto& normalizer : normalizers_) normalizer->normalize(text);
}

std::unique_ptr<Normalizer> LowercaseNormalizer::make(ComponentReader&) {
  return std::make_unique<LowercaseNormalizer>();
}

void LowercaseNormalizer::normalize(NormalizedText& text) const { text.to_lowercase(); }

std::unique_ptr<Normalizer> PrependNormalizer::make(ComponentReader& reader) {
  return std::make_unique<PrependNormalizer>(to_code_points(reader.string("prepend")));
}

void PrependNormalizer::normalize(NormalizedText& text) const { text.prepend(content_); }

std::unique_ptr<Normalizer> ReplaceNormalizer::make(ComponentReader& reader) {
  Pattern pattern = Pattern::read(reader, "pattern");
  return std::make_unique<ReplaceNormalizer>(std::move(pattern), to_code_points(reader.string("content")));
}

void ReplaceNormalizer::normalize(NormalizedText& text) const {
  const std::string bytes = text.to_utf8();
  text.replace(in_characters(pattern_.find_all(bytes), bytes), content_);
}

std::unique_ptr<Normalizer> StripNormalizer::make(ComponentReader& reader) {
  const bool left = reader.boolean("strip_left");
  return std::make_unique<StripNormalizer>(left, reader.boolean("strip_right"));
}

void StripNormalizer::normalize(NormalizedText& text) const {
  const auto is_kept = [](const NormalizedText::Character& character) {
    return !character_properties(character.code_point).is(CharacterProperties::kWhitespace);
  };
  const auto& all = text.characters();
  const auto first = left_ ? std::find_if(all.begin(), all.end(), is_kept) : all.begin();
  const auto last = right_ ? std::find_if(all.rbegin(), std::make_reverse_iterator(first), is_kept).base() : all.end();
  text.keep(static_cast<std::size_t>(first - all.begin()), static_cast<std::size_t>(last - all.begin()));
}

std::unique_ptr<Normalizer> StripAccentsNormalizer::make(ComponentReader&) {
  return std::make_unique<StripAccentsNormalizer>();
}

void StripAccentsNormalizer::normalize(NormalizedText& text) const {
  text.filter([](char32_t c) { return !character_properties(c).is(CharacterProperties::kCombiningMark); });
}

void clean(NormalizedText& text) {
  text.filter([](char32_t c) { return !character_properties(c).is(CharacterProperties::kRemoved); });
  text.map([](char32_t c) { return character_properties(c).is(CharacterProperties::kWhitespace) ? U' ' : c; });
}

void surround_chinese_with_spaces(NormalizedText& text) {
  text.expand([](char32_t c, std::u32string& replacement) {
    if (is_chinese_character(c))
      replacement.append({U' ', c, U' '});
    else
      replacement += c;
  });
}

void strip_accents(NormalizedText& text) {
  decompose(text);
  text.filter([](char32_t c) { return !character_properties(c).is(CharacterProperties::kNonspacingMark); });
}

}  // namespace

std::unique_ptr<Normalizer> BertNormalizer::make(ComponentReader& reader) {
  Options options;
  options.clean_text = reader.boolean("clean_text");
  options.handle_chinese_chars = reader.boolean("handle_chinese_chars");
  options.lowercase = reader.boolean("lowercase");
  options.strip_accents = reader.has("strip_accents") ? reader.boolean("strip_accents") : options.lowercase;
  return std::make_unique<BertNormalizer>(options);
}

void BertNormalizer::normalize(NormalizedText& text) const {
  if (options_.clean_text) clean(text);
  if (options_.handle_chinese_chars) surround_chinese_with_spaces(text);
  if (options_.strip_accents) strip_accents(text);
  if (options_.lowercase) text.to_lowercase();
}

namespace {

struct Row {
  const char* type;
  std::unique_ptr<Normalizer> (*make)(ComponentReader&);
};

constexpr std::array kRows{
    Row{"BertNormalizer", BertNormalizer::make},
    Row{"Lowercase", LowercaseNormalizer::make},
    Row{"NFC", ComposingNormalizer::make_nfc},
    Row{"NFD", DecomposingNormalizer::make_nfd},
    Row{"NFKC", ComposingNormalizer::make_nfkc},
    Row{"NFKD", DecomposingNormalizer::make_nfkd},
    Row{"Nmt", NmtNormalizer::make},
    Row{"Precompiled", PrecompiledNormalizer::make},
    Row{"Prepend", PrependNormalizer::make},
    Row{"Replace", ReplaceNormalizer::make},
    Row{"Sequence", NormalizerSequence::make},
    Row{"Strip", StripNormalizer::make},
    Row{"StripAccents", StripAccentsNormalizer::make},
};

}  // namespace

std::vector<std::string> normalizer_types() { return component_types(kRows); }

std::unique_ptr<Normalizer> make_normalizer(ComponentReader reader) {
  const std::string type = reader.string("type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    auto normalizer = row.make(reader);
    reader.finish();
    return normalizer;
  }
  reader.unsupported(type, normalizer_types());
}

}  // namespace llmtool
