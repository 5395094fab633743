#include "llmtool/tokenizer/normalizer.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/pattern.h"
#include "llmtool/tokenizer/precompiled_normalizer.h"
#include "llmtool/tokenizer/unicode_normalizers.h"

namespace llmtool {
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
