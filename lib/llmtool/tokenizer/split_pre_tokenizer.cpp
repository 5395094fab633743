#include "llmtool/tokenizer/split_pre_tokenizer.h"

#include <string>
#include <vector>

#include "llmtool/core/utf8.h"
#include "llmtool/tokenizer/character_tables.h"

namespace llmtool {

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
