#include "llmtool/data/sequence_source.h"

#include <algorithm>

namespace llmtool {

std::int64_t count_scored_tokens(const SequenceSource& sequences, std::int32_t id) {
  std::int64_t count = 0;
  TokenSequence sequence;
  for (std::int64_t index = 0; index < sequences.num_sequences(); ++index) {
    sequences.fill(index, 0, sequence);
    count += std::count(sequence.ids.begin() + sequence.first_scored, sequence.ids.end(), id);
  }
  return count;
}

}  // namespace llmtool
