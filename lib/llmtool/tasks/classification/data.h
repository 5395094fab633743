#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/data/label_assignment.h"
#include "llmtool/tasks/text_task.h"

namespace llmtool {

// Texts of one file, each with one label.
struct LabelledExamples : TextExamples {
  // Rows, labels with their counts, empty texts, and what was cut.
  void log(EventSink& events) const override;

  LabelSet labels;
  std::vector<std::int64_t> num_of_label;  // examples, by label id
  bool labels_are_ids = false;             // of the file, see assign_labels
};

struct ClassificationData {
  LabelChoice choice;
  DataParts<LabelledExamples> parts;
};

// `head` are the label names of the model started from. Throws DataError.
ClassificationData read_classification_data(const RunConfig& config, const LabelSet& head,
                                            const RunTokenizer& tokenizer, std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
