#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/data/encode_records.h"
#include "llmtool/data/label_assignment.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// Labelled texts of one file. The texts themselves are not kept.
struct LabelledExamples : Examples {
  std::int64_t size() const override { return static_cast<std::int64_t>(lines.size()); }
  std::int64_t num_tokens(std::int64_t example, std::int64_t epoch) const override;
  std::string describe(std::int64_t example) const override;
  std::vector<std::vector<std::int32_t>> token_ids(std::int64_t example) const override;
  std::int64_t num_truncated() const override { return encoded.num_truncated; }
  // Rows, labels with their counts, empty texts, and what was cut.
  void log(EventSink& events) const override;

  EncodedRecords encoded;
  std::vector<std::int64_t> lines;  // of the examples in the file
  LabelSet labels;
  std::vector<std::int64_t> num_of_label;  // examples, by label id
  bool labels_are_ids = false;             // of the file, see assign_labels
  std::int64_t num_skipped = 0;            // rows with unknown labels or none
  std::int64_t num_empty_texts = 0;
  std::int64_t max_length = 0;  // tokens at which texts were cut
};

struct ClassificationData {
  LabelChoice choice;
  DataParts<LabelledExamples> parts;
};

// `head` are the label names of the model started from. Throws DataError.
ClassificationData read_classification_data(const RunConfig& config, const LabelSet& head,
                                            const RunTokenizer& tokenizer, std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
