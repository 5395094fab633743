#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/tokenizer/component_reader.h"
#include "llmtool/tokenizer/decoder.h"
#include "llmtool/tokenizer/normalized_text.h"
#include "llmtool/tokenizer/pattern.h"

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

// SentencePiece's way with spaces: ▁ stands for each, and for one put before the text (pre_tokenizers/metaspace.rs).
struct MetaspaceOptions {
  enum class Prepend { kAlways, kFirst, kNever };
  char32_t replacement = U'▁';
  Prepend prepend = Prepend::kAlways;  // kFirst: only where the whole text begins, not behind added tokens
  bool split = true;                   // before every ▁
};
// Throws ModelError.
MetaspaceOptions read_metaspace_options(ComponentReader& reader);

class MetaspacePreTokenizer : public PreTokenizer {
 public:
  explicit MetaspacePreTokenizer(const MetaspaceOptions& options) : options_(options) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  bool prepends(const PreTokenizedText& pre_tokenized, const PreTokenizedText::Word& word) const;

  MetaspaceOptions options_;
};

// ▁ back to spaces; those of the first token vanish unless none is ever put before a text.
class MetaspaceDecoder : public Decoder {
 public:
  explicit MetaspaceDecoder(const MetaspaceOptions& options) : options_(options) {}
  static std::unique_ptr<Decoder> make(ComponentReader& reader);
  std::vector<std::string> rewrite(std::vector<std::string> tokens) const override;

 private:
  MetaspaceOptions options_;
};

}  // namespace llmtool
