#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/data/corpus.h"

namespace llmtool {

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
