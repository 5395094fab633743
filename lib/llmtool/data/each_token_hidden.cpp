#include "llmtool/data/each_token_hidden.h"

#include <algorithm>
#include <utility>

namespace llmtool {

EachTokenHidden::EachTokenHidden(std::shared_ptr<const SequenceSource> sequences, MaskingVocabulary vocabulary)
    : sequences_(std::move(sequences)), vocabulary_(std::move(vocabulary)), first_inputs_{0} {
  TokenSequence sequence;
  for (std::int64_t index = 0; index < sequences_->num_sequences(); ++index) {
    sequences_->fill(index, 0, sequence);
    first_inputs_.push_back(first_inputs_.back() + static_cast<std::int64_t>(predicted_positions(sequence).size()));
  }
}

std::int64_t EachTokenHidden::sequence_of(std::int64_t index) const {
  return std::upper_bound(first_inputs_.begin(), first_inputs_.end(), index) - first_inputs_.begin() - 1;
}

std::vector<std::int64_t> EachTokenHidden::predicted_positions(const TokenSequence& sequence) const {
  std::vector<std::int64_t> positions;
  for (std::size_t i = static_cast<std::size_t>(sequence.first_scored); i < sequence.ids.size(); ++i)
    if (!vocabulary_.is_special[static_cast<std::size_t>(sequence.ids[i])])
      positions.push_back(static_cast<std::int64_t>(i));
  return positions;
}

std::int64_t EachTokenHidden::num_tokens(std::int64_t index, std::int64_t epoch) const {
  return sequences_->num_tokens(sequence_of(index), epoch);
}

void EachTokenHidden::fill(std::int64_t index, std::int64_t /*epoch*/, TokenSequence& sequence) const {
  sequences_->fill(sequence_of(index), 0, sequence);
}

std::string EachTokenHidden::describe(std::int64_t index) const { return sequences_->describe(sequence_of(index)); }

std::vector<PredictedToken> EachTokenHidden::apply(TokenSequence& sequence, std::int64_t index,
                                                   std::int64_t /*epoch*/) const {
  const std::int64_t number = index - first_inputs_[static_cast<std::size_t>(sequence_of(index))];
  const std::int64_t position = predicted_positions(sequence)[static_cast<std::size_t>(number)];
  std::int32_t& id = sequence.ids[static_cast<std::size_t>(position)];
  return {{position, std::exchange(id, vocabulary_.mask_id)}};
}

}  // namespace llmtool
