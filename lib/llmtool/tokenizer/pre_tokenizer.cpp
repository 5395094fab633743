#include "llmtool/tokenizer/pre_tokenizer.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "llmtool/core/text.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/character_tables.h"
#include "llmtool/tokenizer/component_reader.h"

namespace llmtool {
namespace {

using Prepend = MetaspaceOptions::Prepend;

Prepend read_prepend_scheme(ComponentReader& reader) {
  // Files written until tokenizers 0.15 have only this key.
  const bool adds_prefix_space = !reader.has("add_prefix_space") || reader.boolean("add_prefix_space");
  if (!reader.has("prepend_scheme")) return adds_prefix_space ? Prepend::kAlways : Prepend::kNever;
  const std::string scheme = reader.string("prepend_scheme");
  if (!adds_prefix_space && scheme != "never")
    reader.fail("'add_prefix_space': false contradicts the prepend_scheme " + quote(scheme));
  if (scheme == "always") return Prepend::kAlways;
  if (scheme == "first") return Prepend::kFirst;
  if (scheme == "never") return Prepend::kNever;
  reader.fail("the prepend_scheme " + quote(scheme) + " is none of always, first, never");
}

}  // namespace

MetaspaceOptions read_metaspace_options(ComponentReader& reader) {
  MetaspaceOptions options;
  options.replacement = read_character(reader, "replacement");
  options.prepend = read_prepend_scheme(reader);
  if (reader.has("split")) options.split = reader.boolean("split");
  reader.ignore("str_rep");  // the replacement again, in old files
  return options;
}

std::unique_ptr<PreTokenizer> MetaspacePreTokenizer::make(ComponentReader& reader) {
  return std::make_unique<MetaspacePreTokenizer>(read_metaspace_options(reader));
}

bool MetaspacePreTokenizer::prepends(const PreTokenizedText& pre_tokenized, const PreTokenizedText::Word& word) const {
  const auto& first = pre_tokenized.text.characters()[word.begin];
  if (first.code_point == U' ' || first.code_point == options_.replacement) return false;
  if (options_.prepend != Prepend::kFirst) return options_.prepend == Prepend::kAlways;
  // What a normalizer dropped before the first character belongs to a text that is not cut yet.
  const bool is_whole = word.begin == 0 && word.end == pre_tokenized.text.size();
  return (is_whole ? pre_tokenized.begin : first.origin.begin) == 0;
}

void MetaspacePreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  std::vector<NormalizedText::Character> rewritten;
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    const std::size_t first = rewritten.size();
    words.push_back({first, first});
    const auto append = [&](const NormalizedText::Character& character) {
      const bool cuts = options_.split && character.code_point == options_.replacement;
      if (cuts && words.back().begin < rewritten.size()) words.push_back({rewritten.size(), 0});
      rewritten.push_back(character);
      words.back().end = rewritten.size();
    };
    if (prepends(pre_tokenized, word))
      append({options_.replacement, pre_tokenized.text.characters()[word.begin].origin});
    for (std::size_t i = word.begin; i < word.end; ++i) {
      NormalizedText::Character character = pre_tokenized.text.characters()[i];
      if (character.code_point == U' ') character.code_point = options_.replacement;
      append(character);
    }
  }
  pre_tokenized.text.rewrite(std::move(rewritten));
  pre_tokenized.words = std::move(words);
}

std::unique_ptr<Decoder> MetaspaceDecoder::make(ComponentReader& reader) {
  return std::make_unique<MetaspaceDecoder>(read_metaspace_options(reader));
}

std::vector<std::string> MetaspaceDecoder::rewrite(std::vector<std::string> tokens) const {
  std::string replacement;
  append_utf8(options_.replacement, replacement);
  for (std::size_t i = 0; i < tokens.size(); ++i)
    tokens[i] = replace_all(tokens[i], replacement, i == 0 && options_.prepend != Prepend::kNever ? "" : " ");
  return tokens;
}

namespace {

using Word = PreTokenizedText::Word;

constexpr std::array kNames{std::pair{SplitBehavior::kRemoved, std::string_view("Removed")},
                            std::pair{SplitBehavior::kIsolated, std::string_view("Isolated")},
                            std::pair{SplitBehavior::kMergedWithPrevious, std::string_view("MergedWithPrevious")},
                            std::pair{SplitBehavior::kMergedWithNext, std::string_view("MergedWithNext")},
                            std::pair{SplitBehavior::kContiguous, std::string_view("Contiguous")}};

// Runs of matches, and what is between them.
std::vector<Word> contiguous(const std::vector<SplitSection>& sections) {
  std::vector<Word> words;
  bool previous = false;
  for (const SplitSection& section : sections) {
    if (!words.empty() && section.is_match == previous)
      words.back().end = section.end;
    else
      words.push_back({section.begin, section.end});
    previous = section.is_match;
  }
  return words;
}

// A match joins what stands before it, unless that is a match.
std::vector<Word> merged_with_previous(const std::vector<SplitSection>& sections) {
  std::vector<Word> words;
  bool previous = false;
  for (const SplitSection& section : sections) {
    if (section.is_match && !previous && !words.empty())
      words.back().end = section.end;
    else
      words.push_back({section.begin, section.end});
    previous = section.is_match;
  }
  return words;
}

std::vector<Word> merged_with_next(const std::vector<SplitSection>& sections) {
  std::vector<Word> words;  // from the last
  bool following = false;
  for (auto section = sections.rbegin(); section != sections.rend(); ++section) {
    if (section->is_match && !following && !words.empty())
      words.back().begin = section->begin;
    else
      words.push_back({section->begin, section->end});
    following = section->is_match;
  }
  std::reverse(words.begin(), words.end());
  return words;
}

std::vector<Word> all_of(const std::vector<SplitSection>& sections, bool keeps_matches) {
  std::vector<Word> words;
  for (const SplitSection& section : sections)
    if (keeps_matches || !section.is_match) words.push_back({section.begin, section.end});
  return words;
}

std::vector<Word> words_of(const std::vector<SplitSection>& sections, SplitBehavior behavior) {
  switch (behavior) {
    case SplitBehavior::kRemoved:
      return all_of(sections, false);
    case SplitBehavior::kIsolated:
      return all_of(sections, true);
    case SplitBehavior::kMergedWithPrevious:
      return merged_with_previous(sections);
    case SplitBehavior::kMergedWithNext:
      return merged_with_next(sections);
    case SplitBehavior::kContiguous:
      return contiguous(sections);
  }
  return {};
}

}  // namespace

SplitBehavior read_split_behavior(ComponentReader& reader, std::string_view key) {
  const std::string name = reader.string(key);
  for (const auto& [behavior, known_name] : kNames)
    if (name == known_name) return behavior;
  reader.fail("the behavior " + quote(name) + " is none of " +
              listed(kNames, [](const auto& known) { return known.second; }));
}

void append_words(const std::vector<SplitSection>& sections, SplitBehavior behavior, std::vector<Word>& words) {
  for (const Word& word : words_of(sections, behavior))
    if (word.begin < word.end) words.push_back(word);
}

std::unique_ptr<PreTokenizer> SplitPreTokenizer::make(ComponentReader& reader) {
  Pattern pattern = Pattern::read(reader, "pattern");
  const SplitBehavior behavior = read_split_behavior(reader, "behavior");
  return std::make_unique<SplitPreTokenizer>(std::move(pattern), behavior, reader.boolean("invert"));
}

std::vector<SplitSection> SplitPreTokenizer::sections_of(const NormalizedText& text,
                                                         const PreTokenizedText::Word& word) const {
  std::string bytes;
  for (std::size_t i = word.begin; i < word.end; ++i) append_utf8(text.characters()[i].code_point, bytes);
  std::vector<SplitSection> sections;
  std::size_t previous = word.begin;
  for (const auto& [begin, end] : in_characters(pattern_.find_all(bytes), bytes)) {
    if (word.begin + begin > previous) sections.push_back({previous, word.begin + begin, is_inverted_});
    previous = word.begin + end;
    sections.push_back({word.begin + begin, previous, !is_inverted_});
  }
  if (previous < word.end) sections.push_back({previous, word.end, is_inverted_});
  return sections;
}

void SplitPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words)
    append_words(sections_of(pre_tokenized.text, word), behavior_, words);
  pre_tokenized.words = std::move(words);
}

std::unique_ptr<PreTokenizer> PunctuationPreTokenizer::make(ComponentReader& reader) {
  // Files older than the key mean Isolated.
  return std::make_unique<PunctuationPreTokenizer>(reader.has("behavior") ? read_split_behavior(reader, "behavior")
                                                                          : SplitBehavior::kIsolated);
}

void PunctuationPreTokenizer::split(PreTokenizedText& pre_tokenized) const {
  const auto& characters = pre_tokenized.text.characters();
  std::vector<PreTokenizedText::Word> words;
  for (const PreTokenizedText::Word& word : pre_tokenized.words) {
    std::vector<SplitSection> sections;
    for (std::size_t i = word.begin; i < word.end; ++i) {
      const bool is_match = character_properties(characters[i].code_point).is(CharacterProperties::kPunctuation);
      if (is_match || sections.empty() || sections.back().is_match)
        sections.push_back({i, i + 1, is_match});
      else
        sections.back().end = i + 1;
    }
    append_words(sections, behavior_, words);
  }
  pre_tokenized.words = std::move(words);
}

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
