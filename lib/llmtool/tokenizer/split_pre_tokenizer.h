#pragma once

#include <memory>
#include <utility>

#include "llmtool/tokenizer/pattern.h"
#include "llmtool/tokenizer/pre_tokenizer.h"
#include "llmtool/tokenizer/split_behavior.h"

namespace llmtool {

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
