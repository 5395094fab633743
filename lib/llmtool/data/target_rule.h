#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/data/masking.h"
#include "llmtool/data/predicted_token.h"
#include "llmtool/data/sequence_source.h"

namespace llmtool {

// What a language model must predict of a sequence. A pure function of its arguments; safe for several threads.
class TargetRule {
 public:
  virtual ~TargetRule() = default;
  // May hide tokens of the sequence. Ascending positions; tokens before first_scored are no targets.
  virtual std::vector<PredictedToken> apply(TokenSequence& sequence, std::int64_t index, std::int64_t epoch) const = 0;
  // Whether only a sample of the tokens is predicted, and whether a token may be in it.
  virtual bool is_sample() const { return false; }
  virtual bool may_choose(std::int32_t) const { return true; }
};

// Every token is predicted from those before it.
class NextTokenRule : public TargetRule {
 public:
  std::vector<PredictedToken> apply(TokenSequence& sequence, std::int64_t index, std::int64_t epoch) const override;
};

// Hidden tokens, drawn from the seed, the epoch and the index of the sequence.
class MaskedTokenRule : public TargetRule {
 public:
  MaskedTokenRule(Masker masker, std::uint64_t seed);
  std::vector<PredictedToken> apply(TokenSequence& sequence, std::int64_t index, std::int64_t epoch) const override;
  bool is_sample() const override { return true; }
  bool may_choose(std::int32_t id) const override { return masker_.may_choose(id); }

 private:
  Masker masker_;
  std::uint64_t seed_;
};

}  // namespace llmtool
