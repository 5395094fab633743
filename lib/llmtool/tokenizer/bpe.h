#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llmtool/tokenizer/merge_table.h"
#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/vocabulary.h"
#include "llmtool/tokenizer/word_cache.h"

namespace llmtool {

// Byte-pair encoding (Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016): a word
// starts as its characters, and the neighbours whose merge was learned first are merged until none is left
// (models/bpe/model.rs and word.rs).
class Bpe : public Model {
 public:
  struct Options {
    std::optional<std::string> unk_token;
    std::string continuing_subword_prefix;  // before every character but the first
    std::string end_of_word_suffix;         // after the last character
    bool fuse_unk = false;                  // neighbouring unknown characters are one token
    bool byte_fallback = false;             // an unknown character becomes the tokens <0x00> … <0xFF> of its bytes
    bool ignore_merges = false;             // a word that is a token stays whole
  };

  // Reads the model of a tokenizer.json; throws ModelError.
  static std::unique_ptr<Model> make(ComponentReader& reader);
  Bpe(Vocabulary vocabulary, MergeTable merges, Options options);
  Bpe(const Bpe&) = delete;
  Bpe& operator=(const Bpe&) = delete;

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;
  // The same without remembering the word.
  void tokenize_new(std::string_view word, std::vector<ModelToken>& tokens) const;
  std::optional<std::int32_t> find(std::string_view token) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<std::int32_t> unk_id() const override { return unk_id_; }
  const char* type() const override { return "BPE"; }

 private:
  class Word;
  void append_character(std::string_view word, std::size_t begin, std::size_t end, Word& symbols) const;
  bool append_bytes(std::string_view text, Word& symbols) const;

  Vocabulary vocabulary_;
  std::unordered_map<std::string_view, std::int32_t> ids_;  // of the tokens vocabulary_ holds
  MergeTable merges_;
  Options options_;
  std::optional<std::int32_t> unk_id_;
  mutable WordCache<ModelToken> known_words_;
};

}  // namespace llmtool
