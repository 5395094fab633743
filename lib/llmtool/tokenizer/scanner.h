#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/tokenizer/bpe.h"
#include "llmtool/tokenizer/byte_level.h"
#include "llmtool/tokenizer/normalizer.h"
#include "llmtool/tokenizer/word_cache.h"
#include "llmtool/tokenizer/wordpiece.h"

namespace llmtool {

// A pipeline in one pass over the bytes, for ids without offsets.
class Scanner {
 public:
  virtual ~Scanner() = default;
  // Appends the ids of `text`, which is well-formed UTF-8, or leaves `ids` as it was and returns false: the general way
  // has to do it.
  virtual bool encode(std::string_view text, std::vector<std::int32_t>& ids) const = 0;
};

// BertNormalizer, BertPreTokenizer and WordPiece in one pass over the bytes, for ids without offsets. Gives what the
// three give one after the other: they treat each code point by itself, except for the canonical ordering of marks that
// strip_accents keeps; a text with such marks is left to the general way.
class BertScanner : public Scanner {
 public:
  // Keeps a reference to `model`.
  BertScanner(const BertNormalizer::Options& options, const WordPiece& model);

  bool encode(std::string_view text, std::vector<std::int32_t>& ids) const override;

 private:
  enum class Kind : std::uint8_t {
    kWord,      // part of a word
    kDropped,   // nothing is left of it
    kSpace,     // ends a word
    kIsolated,  // a word of its own
    kMixed,     // becomes several code points of different kinds
    kOrdered,   // a mark whose place depends on its neighbours
  };
  // What becomes of a code point: `length` bytes of pool_ at `offset`, or itself when length is 0.
  struct Action {
    Kind kind = Kind::kWord;
    std::uint8_t length = 0;
    std::uint32_t offset = 0;
  };
  class Scan;

  // What the normalizer makes of one code point, and of which kind the whole is.
  Kind normalize(char32_t code_point, std::u32string& normalized) const;
  // The same, for the many code points that are left alone or vanish, without the work.
  std::optional<Kind> kind_if_unchanged(char32_t code_point) const;
  void fill_actions();
  void fill_ascii();

  BertNormalizer::Options options_;
  const WordPiece& model_;
  std::vector<Action> actions_;  // of the code points below 0x10000
  std::string pool_;
  std::array<unsigned char, 256> word_byte_{};   // ASCII word characters, normalised; 0 for every other byte
  std::array<unsigned char, 256> ascii_byte_{};  // ASCII characters of any kind, normalised
  std::array<Kind, 256> ascii_kind_{};
};

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
