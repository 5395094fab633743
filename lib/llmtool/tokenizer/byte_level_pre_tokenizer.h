#pragma once

#include "llmtool/tokenizer/pre_tokenizer.h"

namespace llmtool {

// ByteLevel: cuts by GPT-2's pattern, and writes the words as bytes in GPT-2's alphabet (pre_tokenizers/byte_level.rs).
class ByteLevelPreTokenizer : public PreTokenizer {
 public:
  struct Options {
    bool add_prefix_space = true;  // before a text that begins with none
    bool use_regex = true;         // false: words are not cut
  };
  explicit ByteLevelPreTokenizer(const Options& options) : options_(options) {}
  static std::unique_ptr<PreTokenizer> make(ComponentReader& reader);

  const Options& options() const { return options_; }
  void split(PreTokenizedText& pre_tokenized) const override;

 private:
  Options options_;
};

}  // namespace llmtool
