#include "llmtool/data/target_rule.h"

#include <algorithm>
#include <utility>

namespace llmtool {

std::vector<PredictedToken> NextTokenRule::apply(TokenSequence& sequence, std::int64_t /*index*/,
                                                 std::int64_t /*epoch*/) const {
  std::vector<PredictedToken> targets;
  const auto length = static_cast<std::int64_t>(sequence.ids.size());
  for (std::int64_t next = std::max<std::int64_t>(sequence.first_scored, 1); next < length; ++next)
    targets.push_back({next - 1, sequence.ids[static_cast<std::size_t>(next)]});
  return targets;
}

MaskedTokenRule::MaskedTokenRule(Masker masker, std::uint64_t seed) : masker_(std::move(masker)), seed_(seed) {}

std::vector<PredictedToken> MaskedTokenRule::apply(TokenSequence& sequence, std::int64_t index,
                                                   std::int64_t epoch) const {
  // No other use of the seed has this bit; an epoch has less than 2^40 sequences.
  constexpr std::uint64_t kStream = std::uint64_t{1} << 63;
  const std::uint64_t stream = (kStream | static_cast<std::uint64_t>(epoch) << 40) + static_cast<std::uint64_t>(index);
  std::vector<PredictedToken> targets = masker_.mask(sequence.ids, CounterRandom(seed_, stream));
  std::erase_if(targets, [&](const PredictedToken& token) { return token.position < sequence.first_scored; });
  return targets;
}

}  // namespace llmtool
