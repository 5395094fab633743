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

// BertPreTokenizer: at whitespace, which is dropped, and around each punctuation character (pre_tokenizers/bert.rs).
class BertPreTokenizer : public PreTokenizer {
 public:
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;
};

// At whitespace, which is dropped.
class WhitespaceSplitPreTokenizer : public PreTokenizer {
 public:
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;
};

// Runs of word characters, and runs of what is neither that nor whitespace: \w+|[^\w\s]+.
class WhitespacePreTokenizer : public PreTokenizer {
 public:
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;
};

// Around numeric characters: each by itself, or runs of them.
class DigitsPreTokenizer : public PreTokenizer {
 public:
  explicit DigitsPreTokenizer(bool individual_digits) : individual_digits_(individual_digits) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  bool individual_digits_;
};

// At one character, which is dropped.
class CharDelimiterSplitPreTokenizer : public PreTokenizer {
 public:
  explicit CharDelimiterSplitPreTokenizer(char32_t delimiter) : delimiter_(delimiter) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  char32_t delimiter_;
};

// Several pre-tokenizers, each on the words of the one before.
class PreTokenizerSequence : public PreTokenizer {
 public:
  explicit PreTokenizerSequence(std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizers)
      : pre_tokenizers_(std::move(pre_tokenizers)) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  std::vector<std::unique_ptr<PreTokenizer>> pre_tokenizers_;
};

}  // namespace llmtool
