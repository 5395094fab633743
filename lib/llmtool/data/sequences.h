#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/random.h"
#include "llmtool/data/corpus.h"
#include "llmtool/data/options.h"

namespace llmtool {

// One input of a language model before anything is hidden in it.
struct TokenSequence {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;  // empty: 0 everywhere
  // Tokens before this one were scored with the sequence before; here they are context.
  std::int64_t first_scored = 0;
  // Of a pair of segments: 0 when the second follows the first in its document (Hugging Face's next_sentence_label).
  std::optional<std::int64_t> pair_label;
};

// Token sequences of a corpus. fill() is a pure function of index and epoch; the number of sequences is the same in
// every epoch. Safe for several threads.
class SequenceSource {
 public:
  virtual ~SequenceSource() = default;
  virtual std::int64_t num_sequences() const = 0;
  // Length of fill()'s ids.
  virtual std::int64_t num_tokens(std::int64_t index, std::int64_t epoch) const = 0;
  virtual void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const = 0;
  // Where its text begins, for messages: "corpus.txt:18".
  virtual std::string describe(std::int64_t index) const = 0;
  // Sequences that lose tokens, because they are longer than a sequence may be, and how to keep them.
  virtual std::int64_t num_truncated() const { return 0; }
  virtual std::string advice_on_truncation() const { return "data.stride makes several sequences of them"; }
  // Documents of which no sequence can be made.
  virtual std::int64_t num_left_out() const { return 0; }
};

// What is put around and between the texts of a sequence.
struct SequenceFrame {
  std::int64_t length = 0;                  // longest sequence, special tokens included
  std::optional<std::int32_t> prefix;       // [CLS]
  std::optional<std::int32_t> suffix;       // [SEP]
  std::optional<std::int32_t> end_of_text;  // behind every document of a block

  std::int64_t num_special() const { return (prefix ? 1 : 0) + (suffix ? 1 : 0); }
  // Tokens of text in a full sequence.
  std::int64_t content_length() const { return length - num_special(); }
};

// How often the token `id` stands in the texts of all sequences of the first epoch; where sequences share tokens, each
// counts once, as it is scored once.
std::int64_t count_scored_tokens(const SequenceSource& sequences, std::int32_t id);

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

// Pairs of segments "[CLS] A [SEP] B [SEP]" (Devlin et al., 2018, appendix A.2). Documents are cut once into runs of at
// least two sentences that fill a sequence, one run in ten into shorter ones. In every epoch each run is cut anew into
// A and what follows; in half of the cases B is replaced by sentences of another document (label 1), or, for sentence
// order, A and B change places (label 1).
class SentencePairs : public SequenceSource {
 public:
  // `documents` in ascending order. The frame needs prefix and suffix. Throws DataError when no run has two sentences,
  // or when there is only one document to take a foreign B from; ConfigError when a sequence has no room for a pair.
  SentencePairs(std::shared_ptr<const Corpus> corpus, std::vector<std::int64_t> documents, const SequenceFrame& frame,
                SentenceObjective objective, std::uint64_t seed);

  std::int64_t num_sequences() const override { return static_cast<std::int64_t>(runs_.size()); }
  std::int64_t num_tokens(std::int64_t index, std::int64_t epoch) const override;
  void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const override;
  std::string describe(std::int64_t index) const override;
  std::int64_t num_truncated() const override { return num_truncated_; }
  std::string advice_on_truncation() const override;
  std::int64_t num_left_out() const override { return num_left_out_; }

 private:
  // Sentences [first, end) of a document.
  struct Run {
    std::int64_t document;
    std::int32_t first;
    std::int32_t end;
    std::int32_t target;  // tokens it should fill
  };
  struct Segment {
    std::span<const std::int32_t> tokens;
    std::int64_t size() const { return static_cast<std::int64_t>(tokens.size()); }
  };
  struct Pair {
    Segment first;
    Segment second;
    std::int64_t label = 0;
  };

  void add_runs(std::int64_t document, std::int64_t number, std::uint64_t seed);
  Segment segment(std::int64_t document, std::int64_t first, std::int64_t end) const;
  Pair draw_pair(std::int64_t index, std::int64_t epoch) const;
  Segment foreign_segment(const Run& run, std::int64_t length, const CounterRandom& random) const;
  void truncate(Pair& pair, const CounterRandom& random) const;

  std::shared_ptr<const Corpus> corpus_;
  std::vector<std::int64_t> documents_;
  SequenceFrame frame_;
  SentenceObjective objective_;
  std::uint64_t seed_;
  std::vector<Run> runs_;
  std::int64_t num_truncated_ = 0;  // runs
  std::int64_t num_left_out_ = 0;   // documents of a single sentence
};

}  // namespace llmtool
