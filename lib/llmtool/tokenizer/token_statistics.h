#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "llmtool/core/json.h"
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

}  // namespace llmtool
