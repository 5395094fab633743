#include "llmtool/tokenizer/pre_tokenizer.h"

#include <array>

#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/metaspace.h"
#include "llmtool/tokenizer/split_pre_tokenizer.h"

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

namespace {

struct Row {
  const char* type;
  std::unique_ptr<PreTokenizer> (*make)(ComponentReader&);
};

constexpr std::array kRows{
    Row{"BertPreTokenizer", BertPreTokenizer::make},
    Row{"ByteLevel", ByteLevelPreTokenizer::make},
    Row{"CharDelimiterSplit", CharDelimiterSplitPreTokenizer::make},
    Row{"Digits", DigitsPreTokenizer::make},
    Row{"Metaspace", MetaspacePreTokenizer::make},
    Row{"Punctuation", PunctuationPreTokenizer::make},
    Row{"Sequence", PreTokenizerSequence::make},
    Row{"Split", SplitPreTokenizer::make},
    Row{"Whitespace", WhitespacePreTokenizer::make},
    Row{"WhitespaceSplit", WhitespaceSplitPreTokenizer::make},
};

}  // namespace

std::vector<std::string> pre_tokenizer_types() { return component_types(kRows); }

std::unique_ptr<PreTokenizer> make_pre_tokenizer(ComponentReader reader) {
  const std::string type = reader.string("type");
  for (const Row& row : kRows) {
    if (row.type != type) continue;
    auto pre_tokenizer = row.make(reader);
    reader.finish();
    return pre_tokenizer;
  }
  reader.unsupported(type, pre_tokenizer_types());
}

}  // namespace llmtool
