#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/embedding_limits.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/records.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// Names of the columns encode_records makes.
inline constexpr std::string_view kInputIds = "input_ids";           // int32
inline constexpr std::string_view kTokenTypeIds = "token_type_ids";  // int32
inline constexpr std::string_view kLabel = "label";                  // int64, one value; only with label ids

struct EncodedRecords {
  EncodedDataset dataset;  // one feature per record; the example id is the position in `records`
  std::int64_t num_truncated = 0;
  std::int64_t num_tokens = 0;  // after truncation, special tokens included
  std::int64_t longest = 0;     // tokens of the longest record before truncation
};

// Turns texts into token ids on `num_threads` threads; the result does not depend on their number. `label_ids` is
// empty or has one id per record; `path` is for messages, `what` for progress ("tokenizing train"). Throws DataError
// naming file and line for a record longer than max_length when on_overlong is error, and for one the tokenizer refuses
// (the first in the file) or that has a token beyond `limits`; ModelError for token types beyond them.
EncodedRecords encode_records(const std::vector<Record>& records, const std::vector<std::int64_t>& label_ids,
                              const std::string& path, const Tokenizer& tokenizer, const TokenizerOptions& options,
                              std::int64_t num_threads, const std::string& what, EventSink& events,
                              const EmbeddingLimits& limits = {});

}  // namespace llmtool
