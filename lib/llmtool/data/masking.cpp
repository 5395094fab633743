#include "llmtool/data/masking.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {
namespace {

// Every position has a range of counters of its own, so that what is drawn for it depends on nothing before it.
constexpr std::uint64_t kDrawsPerPosition = 4;
enum Draw : std::uint64_t { kChoose = 0, kReplace = 1, kRandomToken = 2, kSpanLength = 3 };

std::uint64_t counter(std::int64_t position, Draw draw) {
  return static_cast<std::uint64_t>(position) * kDrawsPerPosition + draw;
}

// Tokens [begin, end) that are one word.
struct Word {
  std::int64_t begin;
  std::int64_t end;
};

std::vector<Word> find_words(std::span<const std::int32_t> ids, const MaskingVocabulary& vocabulary) {
  std::vector<Word> words;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto id = static_cast<std::size_t>(ids[i]);
    if (vocabulary.is_special[id]) continue;
    const auto position = static_cast<std::int64_t>(i);
    const bool continues = vocabulary.continues_word[id] && !words.empty() && words.back().end == position;
    if (continues) {
      words.back().end = position + 1;
    } else {
      words.push_back({position, position + 1});
    }
  }
  return words;
}

void append_word(const Word& word, std::vector<Chosen>& chosen) {
  for (std::int64_t position = word.begin; position < word.end; ++position) chosen.push_back({position, position});
}

// SpanBERT: lengths from a geometric distribution with p = 0.2, at most 10 words.
constexpr double kSpanEnd = 0.2;
constexpr std::int64_t kLongestSpan = 10;

std::int64_t span_length(double uniform) {
  const auto length = static_cast<std::int64_t>(std::floor(std::log1p(-uniform) / std::log1p(-kSpanEnd))) + 1;
  return std::min(length, kLongestSpan);
}

double mean_span_length() {
  double mean = 0.0;
  double still_open = 1.0;
  for (std::int64_t length = 1; length <= kLongestSpan; ++length) {
    mean += still_open;
    still_open *= 1.0 - kSpanEnd;
  }
  return mean;
}

// A span begins at a word outside of spans with the probability that makes `share` of all words lie in spans, and is
// hidden, replaced or left as a whole (SpanBERT, section 3.1).
std::vector<Chosen> choose_spans(const std::vector<Word>& words, double share, const CounterRandom& random) {
  const double open_words_per_span = mean_span_length() * (1.0 - share) / share;
  const double probability = 1.0 / (1.0 + open_words_per_span);
  std::vector<Chosen> chosen;
  for (std::size_t i = 0; i < words.size();) {
    if (share < 1.0 && random.uniform(counter(words[i].begin, kChoose)) >= probability) {
      ++i;
      continue;
    }
    const auto length = static_cast<std::size_t>(span_length(random.uniform(counter(words[i].begin, kSpanLength))));
    const std::size_t first = chosen.size();
    for (const std::size_t end = std::min(i + length, words.size()); i < end; ++i) append_word(words[i], chosen);
    for (std::size_t k = first; k < chosen.size(); ++k) chosen[k].decided_at = chosen[first].position;
  }
  return chosen;
}

// "##ing" of WordPiece. Elsewhere words begin with a marked space: "Ġ" of byte-level BPE, "▁" of SentencePiece; there
// "##" is text, as in the vocabulary of GPT-2.
constexpr std::string_view kContinuation = "##";
constexpr std::string_view kByteLevelSpace = "\xc4\xa0";
constexpr std::string_view kSentencePieceSpace = "\xe2\x96\x81";

std::vector<bool> continuing_tokens(const std::vector<std::string>& tokens) {
  const auto starts_with = [](std::string_view prefix) {
    return [prefix](const std::string& token) { return token.starts_with(prefix); };
  };
  const auto count = [&](std::string_view prefix) {
    return std::count_if(tokens.begin(), tokens.end(), starts_with(prefix));
  };
  const bool marks_continuation = count(kContinuation) > count(kByteLevelSpace) + count(kSentencePieceSpace);
  std::vector<bool> continues;
  continues.reserve(tokens.size());
  for (const std::string& token : tokens)
    continues.push_back(marks_continuation
                            ? token.starts_with(kContinuation)
                            : !token.starts_with(kByteLevelSpace) && !token.starts_with(kSentencePieceSpace));
  return continues;
}

}  // namespace

MaskingVocabulary MaskingVocabulary::of(const Tokenizer& tokenizer, std::int64_t num_ids) {
  const auto mask_id = tokenizer.mask_id();
  if (!mask_id)
    throw ConfigError(
        "the tokenizer has no mask token, so masked_lm has nothing to hide words with; use a tokenizer trained with "
        "one, or task: causal_lm");
  MaskingVocabulary vocabulary{*mask_id, {}, {}};
  std::vector<std::string> tokens;
  for (std::int32_t id = 0; id < std::min(tokenizer.id_bound(), num_ids); ++id) {
    tokens.emplace_back(tokenizer.contains(id) ? tokenizer.token(id) : "");
    vocabulary.is_special.push_back(tokenizer.is_special(id));
  }
  vocabulary.continues_word = continuing_tokens(tokens);
  return vocabulary;
}

Masker::Masker(const MaskingOptions& options, MaskingVocabulary vocabulary)
    : options_(options), vocabulary_(std::move(vocabulary)) {}

std::vector<PredictedToken> Masker::mask(std::span<std::int32_t> ids, const CounterRandom& random) const {
  std::vector<PredictedToken> masked;
  for (const Chosen& chosen : choose(ids, random)) {
    std::int32_t& id = ids[static_cast<std::size_t>(chosen.position)];
    masked.push_back({chosen.position, id});
    id = replacement(id, chosen, random);
  }
  return masked;
}

std::vector<Chosen> Masker::choose(std::span<const std::int32_t> ids, const CounterRandom& random) const {
  if (options_.unit == MaskUnit::kSpan) return choose_spans(find_words(ids, vocabulary_), options_.probability, random);
  std::vector<Chosen> chosen;
  if (options_.unit == MaskUnit::kWord) {
    for (const Word& word : find_words(ids, vocabulary_))
      if (random.uniform(counter(word.begin, kChoose)) < options_.probability) append_word(word, chosen);
    return chosen;
  }
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto position = static_cast<std::int64_t>(i);
    if (may_choose(ids[i]) && random.uniform(counter(position, kChoose)) < options_.probability)
      chosen.push_back({position, position});
  }
  return chosen;
}

std::int32_t Masker::replacement(std::int32_t id, const Chosen& chosen, const CounterRandom& random) const {
  const double draw = random.uniform(counter(chosen.decided_at, kReplace));
  if (draw < options_.mask_share) return vocabulary_.mask_id;
  if (draw >= options_.mask_share + options_.random_share) return id;
  const auto size = static_cast<std::uint64_t>(vocabulary_.size());
  return static_cast<std::int32_t>(random.below(size, counter(chosen.position, kRandomToken)));
}

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
