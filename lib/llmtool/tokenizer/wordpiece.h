#pragma once

#include <cstdint>
#include <string>

#include "llmtool/tokenizer/byte_trie.h"
#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/vocabulary.h"

namespace llmtool {

// Greedy longest match from the left; a word that cannot be cut whole is the unknown token (models/wordpiece/mod.rs).
class WordPiece : public TokenizerModel {
 public:
  struct Options {
    std::string unk_token = "[UNK]";
    std::string continuing_subword_prefix = "##";
    std::int64_t max_input_chars_per_word = 100;  // longer words are unknown
  };
  // Throws std::invalid_argument when the vocabulary lacks unk_token.
  WordPiece(Vocabulary vocabulary, Options options);
  static std::unique_ptr<TokenizerModel> make(ComponentReader& reader);

  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;
  std::optional<std::int32_t> find(std::string_view token) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<std::int32_t> unk_id() const override { return unk_id_; }
  bool marks_continuations() const override { return !options_.continuing_subword_prefix.empty(); }
  const char* type() const override { return "WordPiece"; }
  const Options& options() const { return options_; }

  // Calls emit(id, begin, end) for each token of the bytes at `word`, read through `byte_map` (lowercasing, say).
  template <class ByteMap, class Emit>
  bool match(const char* word, std::size_t size, const ByteMap& byte_map, const Emit& emit) const {
    ByteTrie::State start = ByteTrie::kRoot;
    for (std::size_t begin = 0; begin < size; start = continuation_) {
      std::size_t end = begin;
      std::int32_t id = -1;
      ByteTrie::State state = start;
      for (std::size_t i = begin; i < size && state != ByteTrie::kNone; ++i) {
        state = trie_.step(state, byte_map(static_cast<unsigned char>(word[i])));
        if (state == ByteTrie::kNone) break;
        if (const std::int32_t value = trie_.value(state); value >= 0) {
          id = value;
          end = i + 1;
        }
      }
      if (id < 0) return false;
      emit(id, begin, end);
      begin = end;
    }
    return true;
  }
  // Whether the word is unknown for its length alone.
  bool is_too_long(std::string_view word) const;

 private:
  Vocabulary vocabulary_;
  Options options_;
  ByteTrie trie_;
  ByteTrie::State continuation_;  // after continuing_subword_prefix; kNone when no token starts so
  std::optional<std::int32_t> empty_id_;
  std::int32_t unk_id_ = -1;
};

}  // namespace llmtool
