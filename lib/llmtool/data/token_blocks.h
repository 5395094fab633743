#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/data/corpus.h"
#include "llmtool/data/sequence_source.h"
#include "llmtool/data/windows.h"

namespace llmtool {

// Documents behind each other, an end of text after each, cut into sequences of equal length; only the last is shorter.
class TokenBlocks : public SequenceSource {
 public:
  // `documents` of the corpus in this order. `stride`: tokens between the starts of two blocks; unset: no overlap.
  // Throws ConfigError when a sequence has no room for text or the stride leaves tokens out.
  TokenBlocks(std::shared_ptr<const Corpus> corpus, std::vector<std::int64_t> documents, const SequenceFrame& frame,
              std::optional<std::int64_t> stride);

  std::int64_t num_sequences() const override { return windows_.count(); }
  std::int64_t num_tokens(std::int64_t index, std::int64_t epoch) const override;
  void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const override;
  std::string describe(std::int64_t index) const override;

 private:
  // Position in documents_ of the one that has this token of the stream.
  std::size_t find_document(std::int64_t token) const;

  std::shared_ptr<const Corpus> corpus_;
  std::vector<std::int64_t> documents_;
  std::vector<std::int64_t> ends_;  // [documents], in the stream, end of text included
  SequenceFrame frame_;
  Windows windows_;
};

// Windows over `total` tokens that fit the frame. Throws ConfigError as above.
Windows make_windows(std::int64_t total, const SequenceFrame& frame, std::optional<std::int64_t> stride);

}  // namespace llmtool
