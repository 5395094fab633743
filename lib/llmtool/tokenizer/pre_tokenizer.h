#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/normalized_text.h"

namespace llmtool {

// A normalised text cut into words, which the model tokenises one by one.
struct PreTokenizedText {
  struct Word {
    std::size_t begin;  // characters of `text`; never empty
    std::size_t end;
  };
  NormalizedText text;
  std::vector<Word> words;
  // Code points of the original before the text, what a normalizer dropped at its beginning not counted.
  std::int32_t begin = 0;
};

// Cuts words further. May also rewrite the text, as long as the words follow.
class PreTokenizer {
 public:
  virtual ~PreTokenizer() = default;
  virtual void split(PreTokenizedText& pre_tokenized) const = 0;
};

// Builds the pre-tokenizer a tokenizer.json names; throws ModelError for a type not in pre_tokenizer_types().
std::unique_ptr<PreTokenizer> make_pre_tokenizer(ComponentReader reader);
std::vector<std::string> pre_tokenizer_types();

}  // namespace llmtool
