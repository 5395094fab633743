#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "llmtool/core/random.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/options.h"
#include "llmtool/data/sequences.h"

namespace llmtool {

// The state at `position` of a sequence must predict the token `target`.
struct PredictedToken {
  std::int64_t position;
  std::int32_t target;
};

// What masking must know of a vocabulary.
struct MaskingVocabulary {
  std::int32_t mask_id = 0;
  std::vector<bool> is_special;      // by id: never chosen
  std::vector<bool> continues_word;  // by id: belongs to the word of the token before

  // Of ids from `num_ids` on, for which a model has no embeddings, there are none. Throws ConfigError when the
  // tokenizer has no mask token.
  static MaskingVocabulary of(const Tokenizer& tokenizer, std::int64_t num_ids = EmbeddingLimits::kNone);
  std::int64_t size() const { return static_cast<std::int64_t>(is_special.size()); }
};

// A position that is predicted, and the one whose draw decides whether it is hidden, replaced or left: of a span, the
// first, otherwise itself.
struct Chosen {
  std::int64_t position;
  std::int64_t decided_at;
};

// Hides tokens as BERT does (Devlin et al., 2018, section 3.1): of those chosen, mask_share become the mask token,
// random_share a random one, the rest stays. Immutable.
class Masker {
 public:
  Masker(const MaskingOptions& options, MaskingVocabulary vocabulary);

  // Changes `ids` in place and returns what was chosen, by position. The same `random` gives the same choice.
  std::vector<PredictedToken> mask(std::span<std::int32_t> ids, const CounterRandom& random) const;
  bool may_choose(std::int32_t id) const { return !vocabulary_.is_special[static_cast<std::size_t>(id)]; }

 private:
  // By position, ascending.
  std::vector<Chosen> choose(std::span<const std::int32_t> ids, const CounterRandom& random) const;
  std::int32_t replacement(std::int32_t id, const Chosen& chosen, const CounterRandom& random) const;

  MaskingOptions options_;
  MaskingVocabulary vocabulary_;
};

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
