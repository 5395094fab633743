#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

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

}  // namespace llmtool
