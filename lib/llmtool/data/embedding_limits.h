#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// What a model has embeddings for, and what of a tokenizer's output goes beyond.
struct EmbeddingLimits {
  static constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

  std::int64_t num_ids = kNone;    // kNone: all of the tokenizer's
  std::int64_t num_types = kNone;  // kNone: types are not read
  // transformers' tokenizer for the model's folder gives no types: all tokens are of type 0.
  bool ignores_types = false;

  // Whether a tokenizer that is saved with the model has to give types; unset where it makes no difference.
  std::optional<bool> takes_types() const {
    return num_types == kNone || num_types == 1 ? std::nullopt : std::optional(!ignores_types);
  }

  // Throws DataError for a token without an embedding, ModelError for a type without one.
  void apply(const Tokenizer& tokenizer, Encoding& encoding) const;
  // Throws DataError naming the token when the id has no embedding; `where` begins the message.
  void require_id(const Tokenizer& tokenizer, std::int64_t id, const std::string& where = "") const;
  // For the log when the model is loaded: what the tokenizer's files say against one another, and that it has ids
  // without an embedding, a line each.
  std::vector<std::string> warnings(const Tokenizer& tokenizer) const;
};

}  // namespace llmtool
