#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/data/corpus.h"
#include "llmtool/data/sequence_source.h"

namespace llmtool {

// Every document a sequence of its own. One that is too long is cut at the end, or, with a stride, becomes several
// windows that together hold all of it.
class DocumentSequences : public SequenceSource {
 public:
  // Throws ConfigError as make_windows(). Documents without tokens are left out.
  DocumentSequences(std::shared_ptr<const Corpus> corpus, const std::vector<std::int64_t>& documents,
                    const SequenceFrame& frame, std::optional<std::int64_t> stride);

  std::int64_t num_sequences() const override { return static_cast<std::int64_t>(parts_.size()); }
  std::int64_t num_tokens(std::int64_t index, std::int64_t epoch) const override;
  void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const override;
  std::string describe(std::int64_t index) const override;
  std::int64_t num_truncated() const override { return num_truncated_; }

 private:
  struct Part {
    std::int64_t document;
    std::int64_t begin;
    std::int64_t end;
    std::int64_t num_shared;  // tokens at its beginning that the part before has too
  };

  const Part& part(std::int64_t index) const { return parts_[static_cast<std::size_t>(index)]; }
  void add_document(std::int64_t document, std::optional<std::int64_t> stride);

  std::shared_ptr<const Corpus> corpus_;
  SequenceFrame frame_;
  std::vector<Part> parts_;
  std::int64_t num_truncated_ = 0;
};

}  // namespace llmtool
