#include "llmtool/tokenizer/simple_pre_tokenizers.h"

#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/literal_text.h"

namespace llmtool {
namespace {

enum class Part { kDropped, kIsolated, kWord, kOther };

bool is_whitespace(char32_t c) { return character_properties(c).is(CharacterProperties::kWhitespace); }
bool is_punctuation(char32_t c) { return character_properties(c).is(CharacterProperties::kPunctuation); }

// Cuts every word where the part changes; isolated characters stand alone, dropped ones vanish.
template <class Classify>
void cut(PreTokenizedText& pre_tokenized, const Classify& classify) {
  const auto& characters = pre_tokenized.text.characters();
  std::vector<PreTokenizedText::Word> words;
  words.reserve(pre_tokenized.words.size());
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    Part previous = Part::kDropped;
    for (std::size_t i = word.begin; i < word.end; ++i) {
      const Part part = classify(characters[i].code_point);
      if (part != Part::kDropped) {
        if (part != previous || part == Part::kIsolated)
          words.push_back({i, i + 1});
        else
          words.back().end = i + 1;
      }
      previous = part;
    }
  }
  pre_tokenized.words = std::move(words);
}

}  // namespace

std::unique_ptr<PreTokenizer> BertPreTokenizer::make(ComponentReader&) { return std::make_unique<BertPreTokenizer>(); }

void BertPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  cut(pre_tokenized, [](char32_t c) {
    return is_whitespace(c) ? Part::kDropped : is_punctuation(c) ? Part::kIsolated : Part::kWord;
  });
}

std::unique_ptr<PreTokenizer> WhitespaceSplitPreTokenizer::make(ComponentReader&) {
  return std::make_unique<WhitespaceSplitPreTokenizer>();
}

void WhitespaceSplitPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  cut(pre_tokenized, [](char32_t c) { return is_whitespace(c) ? Part::kDropped : Part::kWord; });
}

std::unique_ptr<PreTokenizer> WhitespacePreTokenizer::make(ComponentReader&) {
  return std::make_unique<WhitespacePreTokenizer>();
}

void WhitespacePreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  cut(pre_tokenized, [](char32_t c) {
    if (character_properties(c).is(CharacterProperties::kWordCharacter)) return Part::kWord;
    return is_whitespace(c) ? Part::kDropped : Part::kOther;
  });
}

std::unique_ptr<PreTokenizer> DigitsPreTokenizer::make(ComponentReader& reader) {
  return std::make_unique<DigitsPreTokenizer>(reader.boolean("individual_digits"));
}

void DigitsPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  const Part digits = individual_digits_ ? Part::kIsolated : Part::kOther;
  cut(pre_tokenized, [digits](char32_t c) {
    return character_properties(c).is(CharacterProperties::kNumeric) ? digits : Part::kWord;
  });
}

std::unique_ptr<PreTokenizer> CharDelimiterSplitPreTokenizer::make(ComponentReader& reader) {
  return std::make_unique<CharDelimiterSplitPreTokenizer>(read_character(reader, "delimiter"));
}

void CharDelimiterSplitPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  cut(pre_tokenized, [this](char32_t c) { return c == delimiter_ ? Part::kDropped : Part::kWord; });
}

std::unique_ptr<PreTokenizer> PreTokenizerSequence::make(ComponentReader& reader) {
  std::vector<std::unique_ptr<PreTokenizer>> members;
  for (ComponentReader& member : reader.list("pretokenizers")) members.push_back(make_pre_tokenizer(std::move(member)));
  return std::make_unique<PreTokenizerSequence>(std::move(members));
}

void PreTokenizerSequence::split(PreTokenizedText& pre_tokenized) const {
  for (const auto& member : pre_tokenizers_) member->split(pre_tokenized);
}

}  // namespace llmtool
