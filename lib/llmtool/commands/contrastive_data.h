#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/commands/run_config.h"
#include "llmtool/commands/run_tokenizer.h"
#include "llmtool/core/events.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/tasks/contrastive.h"

namespace llmtool {

// One part of the data: a column each of texts, of their counterparts, and of hard negatives, as many as data.text
// names. A text alone is its own counterpart.
struct ContrastiveSplit {
  std::string name;
  std::string path;
  std::string sha256;  // of the file
  std::int64_t num_empty_texts = 0;
  std::vector<std::int64_t> lines;      // of the rows in the file
  std::vector<EncodedRecords> columns;  // one feature a row in each

  std::int64_t num_rows() const { return static_cast<std::int64_t>(lines.size()); }
  std::int64_t num_truncated() const;
  // Tokens that are computed for a row.
  std::int64_t num_tokens(std::int64_t row) const;
  // Valid as long as the split.
  ContrastiveViews views() const;
};

struct ContrastiveData {
  ContrastiveSplit training;
  std::optional<ContrastiveSplit> validation;
  std::optional<ContrastiveSplit> test;
};

// Reads and encodes every split of the config. A share for validation is chosen by the texts of the first column.
// Throws DataError.
ContrastiveData prepare_contrastive_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                         std::int64_t num_threads, EventSink& events);

// Logs rows, tokens, empty texts and what was cut.
void log_split(const ContrastiveSplit& split, const RunConfig& config, EventSink& events);

}  // namespace llmtool
