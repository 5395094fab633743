#include "llmtool/tokenizer/split_pre_tokenizer.h"

#include <algorithm>
#include <array>
#include <string>

#include "llmtool/core/listed.h"
#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {
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

}  // namespace llmtool
