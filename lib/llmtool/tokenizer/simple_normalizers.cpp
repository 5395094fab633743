#include "llmtool/tokenizer/simple_normalizers.h"

#include <algorithm>
#include <iterator>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/literal_text.h"

namespace llmtool {
namespace {

std::u32string to_code_points(const std::string& text) {
  std::u32string code_points;
  for (std::size_t position = 0; position < text.size();) code_points += decode_utf8(text, position);
  return code_points;
}

}  // namespace

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

}  // namespace llmtool
