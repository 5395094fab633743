#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
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

}  // namespace llmtool
