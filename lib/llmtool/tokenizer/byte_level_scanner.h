#pragma once

#include "llmtool/tokenizer/bpe.h"
#include "llmtool/tokenizer/byte_level_pre_tokenizer.h"
#include "llmtool/tokenizer/scanner.h"
#include "llmtool/tokenizer/word_cache.h"

namespace llmtool {

// ByteLevel and BPE without a normalizer: words are cut and looked up as the bytes they are, and only new ones are
// written in GPT-2's alphabet.
class ByteLevelScanner : public Scanner {
 public:
  // Keeps a reference to `model`.
  ByteLevelScanner(const ByteLevelPreTokenizer::Options& options, const Bpe& model)
      : options_(options), model_(model) {}

  bool encode(std::string_view text, std::vector<std::int32_t>& ids) const override;

 private:
  void encode_word(std::string_view word, std::vector<std::int32_t>& ids) const;

  ByteLevelPreTokenizer::Options options_;
  const Bpe& model_;
  mutable WordCache<std::int32_t> known_words_;
};

}  // namespace llmtool
