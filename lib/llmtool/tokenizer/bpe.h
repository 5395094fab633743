#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/vocabulary.h"
#include "llmtool/tokenizer/word_cache.h"

namespace llmtool {

// The merges of a BPE model: a pair of neighbouring tokens, when it is merged, and into what. A hash table with open
// addressing, because encoding asks it once for every pair of every new word.
class MergeTable {
 public:
  struct Merge {
    std::int32_t left;
    std::int32_t right;
    std::int32_t rank;  // smaller ones come first
    std::int32_t merged;
  };

  // Of a pair that stands twice the last one counts, as in the library.
  explicit MergeTable(const std::vector<Merge>& merges);

  // Null when the two are never merged. Ids must not be negative.
  const Merge* find(std::int32_t left, std::int32_t right) const {
    for (std::size_t i = slot_of(left, right);; i = (i + 1) & mask_) {
      const Merge& merge = slots_[i];
      if (merge.left == left && merge.right == right) return &merge;
      if (merge.left < 0) return nullptr;
    }
  }

 private:
  std::size_t slot_of(std::int32_t left, std::int32_t right) const {
    const std::uint64_t key = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> 32) & mask_;
  }

  std::size_t mask_;
  std::vector<Merge> slots_;  // left < 0: empty; at most half of them are taken
};

// Byte-pair encoding (Sennrich et al., "Neural Machine Translation of Rare Words with Subword Units", 2016): a word
// starts as its characters, and the neighbours whose merge was learned first are merged until none is left
// (models/bpe/model.rs and word.rs).
class Bpe : public TokenizerModel {
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
  static std::unique_ptr<TokenizerModel> make(ComponentReader& reader);
  Bpe(Vocabulary vocabulary, MergeTable merges, Options options);
  Bpe(const Bpe&) = delete;
  Bpe& operator=(const Bpe&) = delete;

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;
  // The same without remembering the word.
  void tokenize_new(std::string_view word, std::vector<ModelToken>& tokens) const;
  std::optional<std::int32_t> find(std::string_view token) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<std::int32_t> unk_id() const override { return unk_id_; }
  bool marks_continuations() const override { return !options_.continuing_subword_prefix.empty(); }
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
