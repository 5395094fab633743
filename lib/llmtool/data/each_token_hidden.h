#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/data/masking.h"
#include "llmtool/data/sequence_source.h"
#include "llmtool/data/target_rule.h"

namespace llmtool {

// Every token of every sequence once, alone replaced by the mask token: the inputs of pseudo-perplexity (Salazar et
// al., 2020, Masked Language Model Scoring). Special tokens stay.
class EachTokenHidden : public SequenceSource, public TargetRule {
 public:
  EachTokenHidden(std::shared_ptr<const SequenceSource> sequences, MaskingVocabulary vocabulary);

  std::int64_t num_sequences() const override { return first_inputs_.back(); }
  std::int64_t num_tokens(std::int64_t index, std::int64_t epoch) const override;
  void fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const override;
  std::string describe(std::int64_t index) const override;

  // Hides the token that fill() of the same index is for.
  std::vector<PredictedToken> apply(TokenSequence& sequence, std::int64_t index, std::int64_t epoch) const override;

 private:
  // Index in sequences_ of an input.
  std::int64_t sequence_of(std::int64_t index) const;
  std::vector<std::int64_t> predicted_positions(const TokenSequence& sequence) const;

  std::shared_ptr<const SequenceSource> sequences_;
  MaskingVocabulary vocabulary_;
  std::vector<std::int64_t> first_inputs_;  // [sequences + 1]
};

}  // namespace llmtool
