#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/byte_trie.h"
#include "llmtool/tokenizer/model.h"
#include "llmtool/tokenizer/vocabulary.h"
#include "llmtool/tokenizer/word_cache.h"

namespace llmtool {

// The cut of a word whose tokens have the greatest sum of scores (Kudo, "Subword Regularization", 2018), found by
// Viterbi's algorithm. Of equal sums the one found first stays, tokens taken shortest first from each place
// (models/unigram/model.rs, encode_optimized; sentencepiece may choose another).
class Unigram : public TokenizerModel {
 public:
  struct Options {
    std::optional<std::int32_t> unk_id;
    bool byte_fallback = false;  // unknown text becomes the tokens <0x00> … <0xFF> of its bytes
  };

  // Reads the model of a tokenizer.json; throws ModelError.
  static std::unique_ptr<TokenizerModel> make(ComponentReader& reader);
  // Ids are the places in `scores`. Throws std::invalid_argument when unk_id is none of them.
  Unigram(Vocabulary vocabulary, std::vector<double> scores, Options options);

  // Throws DataError for text without a token when there is no unknown token.
  void tokenize(std::string_view word, std::vector<ModelToken>& tokens) const override;
  std::optional<std::int32_t> find(std::string_view token) const override;
  const Vocabulary& vocabulary() const override { return vocabulary_; }
  std::optional<std::int32_t> unk_id() const override { return options_.unk_id; }
  const char* type() const override { return "Unigram"; }

 private:
  // The best way to reach a place of the word: the token that ends there.
  struct Step {
    double score = 0;
    std::int32_t begin = -1;  // -1: not reached yet
    std::int32_t id = -1;
  };
  std::vector<Step> best_steps(std::string_view word) const;
  void tokenize_new(std::string_view word, std::vector<ModelToken>& tokens) const;
  // `text` is a token, or text without one.
  void append(std::string_view word, std::uint32_t begin, std::uint32_t end, std::vector<ModelToken>& tokens) const;
  std::int32_t required_unk_id(std::string_view word) const;

  Vocabulary vocabulary_;
  std::vector<double> scores_;
  double unknown_score_;
  Options options_;
  ByteTrie trie_;
  mutable WordCache<ModelToken> known_words_;
};

}  // namespace llmtool
