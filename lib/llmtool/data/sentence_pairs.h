#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/random.h"
#include "llmtool/data/corpus.h"
#include "llmtool/data/language_model_options.h"
#include "llmtool/data/sequence_source.h"

namespace llmtool {

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
