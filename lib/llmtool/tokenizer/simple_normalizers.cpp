#include "llmtool/tokenizer/simple_normalizers.h"

#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

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

std::unique_ptr<Normalizer> NfdNormalizer::make(ComponentReader&) { return std::make_unique<NfdNormalizer>(); }

void NfdNormalizer::normalize(NormalizedText& text) const { text.decompose(); }

std::unique_ptr<Normalizer> StripAccentsNormalizer::make(ComponentReader&) {
  return std::make_unique<StripAccentsNormalizer>();
}

void StripAccentsNormalizer::normalize(NormalizedText& text) const {
  text.filter([](char32_t c) { return !character_properties(c).is(CharacterProperties::kCombiningMark); });
}

}  // namespace llmtool
