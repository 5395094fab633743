#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/tasks/contrastive/objective.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Texts, their counterparts and hard negatives of one file: a column each, as many as data.text names. A text alone is
// its own counterpart.
struct ContrastiveExamples : Examples {
  std::int64_t size() const override { return static_cast<std::int64_t>(lines.size()); }
  // Of all columns; twice those of a text that is its own counterpart.
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe(std::int64_t example) const override;
  std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const override;
  std::int64_t num_truncated() const override;
  // Rows, tokens, empty texts and what was cut.
  void log(EventSink& events) const override;

  // Valid as long as the examples.
  ContrastiveViews views() const;

  std::vector<std::string> column_names;
  std::int64_t num_empty_texts = 0;
  std::int64_t max_length = 0;          // tokens at which texts were cut
  std::vector<std::int64_t> lines;      // of the rows in the file
  std::vector<EncodedRecords> columns;  // one feature a row in each
};

// A share for validation is chosen by the texts of the first column. Throws DataError.
DataParts<ContrastiveExamples> read_contrastive_data(const RunConfig& config, const RunTokenizer& tokenizer,
                                                     std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
