#include "llmtool/data/embedding_limits.h"

#include <algorithm>

#include "llmtool/core/errors.h"

namespace llmtool {

void EmbeddingLimits::apply(const Tokenizer& tokenizer, Encoding& encoding) const {
  if (num_ids != kNone)
    for (const std::int32_t id : encoding.ids) require_id(tokenizer, id);
  if (ignores_types) std::fill(encoding.type_ids.begin(), encoding.type_ids.end(), 0);
  if (num_types == kNone) return;
  for (const std::int32_t type : encoding.type_ids)
    if (type >= num_types)
      throw ModelError("the tokenizer gives tokens of type " + std::to_string(type) +
                       ", but the model has embeddings for " + std::to_string(num_types) +
                       " (type_vocab_size of its "
                       "config.json); use the tokenizer that belongs to it" +
                       (num_types == 1 ? ", or texts that are no pairs" : ""));
}

void EmbeddingLimits::require_id(const Tokenizer& tokenizer, std::int64_t id, const std::string& where) const {
  if (id < num_ids) return;
  const auto token = static_cast<std::int32_t>(id);
  throw DataError(where + "the token " + quote(tokenizer.contains(token) ? tokenizer.token(token) : "") +
                  " has the id " + std::to_string(id) + ", but the model's word embedding has " +
                  std::to_string(num_ids) + " rows; use the tokenizer that belongs to the model's weights");
}

std::vector<std::string> EmbeddingLimits::warnings(const Tokenizer& tokenizer) const {
  std::vector<std::string> warnings = tokenizer.warnings();
  if (num_ids != kNone)
    warnings.push_back("the tokenizer has " + std::to_string(tokenizer.id_bound()) +
                       " ids, but the model's word embedding has " + std::to_string(num_ids) +
                       " rows; a text with a token beyond them is an error");
  return warnings;
}

}  // namespace llmtool
