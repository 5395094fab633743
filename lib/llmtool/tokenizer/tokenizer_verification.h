#pragma once

#include <cstdint>

#include "llmtool/core/json.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

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
