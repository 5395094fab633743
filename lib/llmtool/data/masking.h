#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "llmtool/core/random.h"
#include "llmtool/data/embedding_limits.h"
#include "llmtool/data/masking_options.h"
#include "llmtool/data/predicted_token.h"

namespace llmtool {

class Tokenizer;

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

}  // namespace llmtool
