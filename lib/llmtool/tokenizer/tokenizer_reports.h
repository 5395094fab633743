#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// What a tokenizer makes of a collection of texts. Tokens are counted without the special ones put around a text; words
// are what stands between spaces, tabs and line ends.
class TokenStatistics {
 public:
  // With `max_length` (special tokens included), longer texts are counted. Keeps a reference to `tokenizer`.
  explicit TokenStatistics(const Tokenizer& tokenizer, std::optional<std::int64_t> max_length = std::nullopt)
      : tokenizer_(tokenizer), max_length_(max_length) {}
  explicit TokenStatistics(Tokenizer&&, std::optional<std::int64_t> = std::nullopt) = delete;

  // Throws DataError for a text that is not UTF-8.
  void add(std::string_view text);

  std::int64_t num_texts() const { return num_texts_; }
  // Sums and the shares that follow from them (null where the denominator is 0); the `num_words` most frequent words
  // that give an unknown token, of equally frequent ones by their bytes.
  Json to_json(std::size_t num_words) const;

 private:
  bool is_unknown(const std::string& word);

  const Tokenizer& tokenizer_;
  std::optional<std::int64_t> max_length_;
  Encoding encoding_;
  std::int64_t num_texts_ = 0;
  std::int64_t num_bytes_ = 0;
  std::int64_t num_characters_ = 0;
  std::int64_t num_words_ = 0;
  std::int64_t num_tokens_ = 0;
  std::int64_t num_unknown_tokens_ = 0;
  std::int64_t num_overlong_ = 0;
  std::int64_t most_tokens_ = 0;
  std::unordered_map<std::string, std::int64_t> unknown_words_;
};

// Two tokenizers on the same texts, special tokens included.
class TokenizerComparison {
 public:
  // Keeps the first `num_shown` texts that differ. Keeps references.
  TokenizerComparison(const Tokenizer& left, const Tokenizer& right, std::size_t num_shown)
      : left_(left), right_(right), num_shown_(num_shown) {}

  // `place` says where the text is from: "reviews.csv:18". Throws DataError for a text that is not UTF-8.
  void add(std::string_view text, const std::string& place);

  std::int64_t num_texts() const { return num_texts_; }
  // Share of texts with equal ids, tokens per text on both sides, the first that differ, and what the vocabularies
  // share.
  Json to_json() const;

 private:
  Json difference(std::string_view text, const std::string& place) const;
  Json vocabularies() const;

  const Tokenizer& left_;
  const Tokenizer& right_;
  std::size_t num_shown_;
  Encoding left_encoding_;
  Encoding right_encoding_;
  std::int64_t num_texts_ = 0;
  std::int64_t num_equal_ = 0;
  std::int64_t num_left_tokens_ = 0;
  std::int64_t num_right_tokens_ = 0;
  Json differences_ = Json::array();
};

struct TokenizerVerification {
  std::int64_t num_rows = 0;
  std::int64_t num_different = 0;
  // The first of them: {"line", "text", "pair"?, "what": "ids" or "offsets", "position", "expected", "found"}.
  Json first_differences = Json::array();
};

// Compares a tokenizer with recorded rows {"text", "pair"?, "ids", "offsets"?}: `golden` reads JSONL, offsets are
// [[begin, end], …] in code points. Keeps the first `num_shown` differences. Throws DataError with file and line for a
// row that is not so, and for a file without rows.
TokenizerVerification verify_tokenizer(const Tokenizer& tokenizer, RowReader& golden, bool add_special_tokens,
                                       std::size_t num_shown);

}  // namespace llmtool
