#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmtool/commands/run_config.h"
#include "llmtool/commands/run_tokenizer.h"
#include "llmtool/core/events.h"
#include "llmtool/data/encode_records.h"
#include "llmtool/data/label_assignment.h"

namespace llmtool {

// One part of the data, ready to be trained on or scored.
struct EncodedSplit {
  std::string name;  // "training", "validation", "test"
  std::string path;
  std::string sha256;  // of the file
  std::int64_t num_empty_texts = 0;
  LabelledRecords rows;
  EncodedRecords encoded;

  std::int64_t num_examples() const { return static_cast<std::int64_t>(rows.records.size()); }
};

struct ClassificationData {
  LabelChoice choice;
  EncodedSplit training;
  std::optional<EncodedSplit> validation;
  std::optional<EncodedSplit> test;
};

// Reads and encodes every split of the config, so that whatever is wrong with any of them is known before the first
// step. `head` are the label names of the model started from. Throws DataError.
ClassificationData prepare_classification_data(const RunConfig& config, const LabelSet& head,
                                               const RunTokenizer& tokenizer, std::int64_t num_threads,
                                               EventSink& events);

// Logs rows, labels with their counts, empty texts, and what was cut.
void log_split(const EncodedSplit& split, const LabelSet& labels, const TokenizerOptions& tokenizer_options,
               EventSink& events);

}  // namespace llmtool
