#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/data/corpus.h"
#include "llmtool/data/records.h"

namespace llmtool {

// Whether a text belongs to the validation part: decided by a seeded hash of it alone, so that it never changes side
// when the file grows or is sorted, a larger share only adds texts, and equal ones stay together.
bool is_validation_text(std::string_view text, double share, std::uint64_t seed);
// The same of a record, by its text or the pair.
bool is_validation_record(const Record& record, double share, std::uint64_t seed);

// Throws DataError for a share of a file that leaves nothing for a part ("training"); `unit` is what is split ("row"),
// `kept` what stays together ("equal texts").
[[noreturn]] void throw_empty_part(const std::string& path, double share, const std::string& part,
                                   const std::string& unit, const std::string& kept);

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
