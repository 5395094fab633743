#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "llmtool/data/corpus.h"
#include "llmtool/data/records.h"

namespace llmtool {

// Whether a record belongs to the validation part: decided by a seeded hash of its text(s) alone, so that a row never
// changes side when the file grows or is sorted, a larger share only adds rows, and equal texts stay together.
bool is_validation_record(const Record& record, double share, std::uint64_t seed);

struct TrainingAndValidation {
  RecordFile training;
  RecordFile validation;
};

// Splits a training file. The parts keep path, hash and row numbers of the file; about `share` of the distinct texts go
// to validation. Throws DataError when a part would be empty.
TrainingAndValidation split_by_share(RecordFile file, double share, std::uint64_t seed);

// Documents of a corpus, each part in ascending order.
struct DocumentSplit {
  std::vector<std::int64_t> training;
  std::vector<std::int64_t> validation;
};

// All documents of the corpus.
std::vector<std::int64_t> all_documents(const Corpus& corpus);

// About `share` of the distinct documents for validation, decided by a seeded hash of their text alone, so that none
// changes side when the corpus grows and equal documents stay together. Throws DataError when a part would be empty.
DocumentSplit split_documents(const Corpus& corpus, double share, std::uint64_t seed);

}  // namespace llmtool
