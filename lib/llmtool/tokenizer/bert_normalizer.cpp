#include "llmtool/tokenizer/bert_normalizer.h"

#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/unicode_normalization.h"

namespace llmtool {
namespace {

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

}  // namespace llmtool
