#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/data/corpus.h"
#include "llmtool/data/sequence_source.h"

namespace llmtool {

// [begin, end) of the index-th window of `size` items over `total` items, windows starting `stride` apart. The last one
// ends with the items, so none is dropped.
struct Windows {
  std::int64_t total = 0;
  std::int64_t size = 1;
  std::int64_t stride = 1;  // 1 … size

  std::int64_t count() const {
    if (total == 0) return 0;
    return total <= size ? 1 : (total - size + stride - 1) / stride + 1;
  }
  std::int64_t begin(std::int64_t index) const { return index * stride; }
  std::int64_t end(std::int64_t index) const { return std::min(begin(index) + size, total); }
  // Items of this window that the one before has too.
  std::int64_t num_shared(std::int64_t index) const { return index == 0 ? 0 : end(index - 1) - begin(index); }
};

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
