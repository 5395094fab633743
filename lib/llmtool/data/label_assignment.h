#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/label_set.h"
#include "llmtool/data/options.h"
#include "llmtool/data/records.h"

namespace llmtool {

// What fixed the order of the labels.
enum class LabelOrigin { kConfig, kHead, kIntegers, kNames };

struct LabelChoice {
  LabelSet labels;
  LabelOrigin origin = LabelOrigin::kNames;
};

// The label set of a run, from the training rows only: `configured` (data.labels) when given, else `head` (id2label of
// the model started from; empty: none) when the training labels are the same set of names (numbers compared by value),
// else the training labels by value or code point. Throws DataError when the training rows have fewer than two labels.
LabelChoice choose_labels(const RecordFile& training, const std::vector<std::string>& configured, const LabelSet& head);

// Records of one split with their label ids.
struct LabelledRecords {
  std::vector<Record> records;
  std::vector<std::int64_t> label_ids;  // [records]
  // The file names labels by their ids, see assign_labels.
  bool labels_are_ids = false;
  std::int64_t num_skipped = 0;            // rows left out for an unknown label
  std::vector<std::int64_t> num_examples;  // by label id
};

// Turns labels into ids by name, numbers also by value. When every label of the file is a whole number and the names
// have none of their own (LabelNames::can_be_ids), the numbers are ids (0 = first label): files of Hugging Face data
// sets are written so. A row without label counts as one with an unknown label. Unknown labels: one DataError
// listing values, counts and first lines, or (kSkip) the rows are left out. Throws DataError also when no row is left.
LabelledRecords assign_labels(RecordFile file, const LabelSet& labels, UnknownLabel unknown_label);

// Records of one split with the ids of any number of labels each.
struct MultiLabelRecords {
  std::vector<Record> records;
  RaggedColumn<std::int64_t> label_ids;    // [records], each row ascending and without repetitions
  bool labels_are_ids = false;             // see assign_labels
  std::int64_t num_skipped = 0;            // rows left out for an unknown label
  std::vector<std::int64_t> num_examples;  // by label id
};

// The same for rows with any number of labels. A row with an unknown label among others counts as one.
MultiLabelRecords assign_label_lists(RecordFile file, const LabelSet& labels, UnknownLabel unknown_label);

// "the labels of test.csv are whole numbers and were taken as ids: 0 is 'bad', 1 is 'good'", for labels_are_ids.
std::string describe_label_ids(const std::string& path, const LabelSet& labels);

// What makes it doubtful that these are the labels meant, a sentence each: names that differ only in case or in white
// space around them or are the same number, the name of the label column itself (a second header row), lists of numbers
// in one cell.
std::vector<std::string> describe_doubtful_labels(const LabelSet& labels, const std::string& label_column);

}  // namespace llmtool
