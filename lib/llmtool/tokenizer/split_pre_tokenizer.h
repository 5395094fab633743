#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/pattern.h"
#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool {

// What becomes of what a word is split at (SplitDelimiterBehavior of the tokenizers library).
enum class SplitBehavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };

// Throws ModelError.
SplitBehavior read_split_behavior(ComponentReader& reader, std::string_view key);

// A part of a word, in characters of its text; matches and what is between them alternate without gaps.
struct SplitSection {
  std::size_t begin;
  std::size_t end;
  bool is_match;
};

// Appends the words that `sections` make; empty ones are left out.
void append_words(const std::vector<SplitSection>& sections, SplitBehavior behavior,
                  std::vector<PreTokenizedText::Word>& words);

// At a text or regular expression; `is_inverted`: at what does not match it.
class SplitPreTokenizer : public PreTokenizer {
 public:
  SplitPreTokenizer(Pattern pattern, SplitBehavior behavior, bool is_inverted)
      : pattern_(std::move(pattern)), behavior_(behavior), is_inverted_(is_inverted) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  // Throws DataError when the search takes too long.
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  std::vector<SplitSection> sections_of(const NormalizedText& text, const PreTokenizedText::Word& word) const;

  Pattern pattern_;
  SplitBehavior behavior_;
  bool is_inverted_;
};

// At punctuation, a character at a time.
class PunctuationPreTokenizer : public PreTokenizer {
 public:
  explicit PunctuationPreTokenizer(SplitBehavior behavior) : behavior_(behavior) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  SplitBehavior behavior_;
};

}  // namespace llmtool
