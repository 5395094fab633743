#include "llmtool/data/sentence_pairs.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// "[CLS] A [SEP] B [SEP]"
constexpr std::int64_t kNumSpecial = 3;
// Shortest target of the runs that are short on purpose.
constexpr std::int64_t kShortestTarget = 2;
constexpr double kShortShare = 0.1;

// Streams of the generator: cutting documents into runs is no part of any epoch.
constexpr std::uint64_t kCuttingStream = std::uint64_t{1} << 62;
constexpr std::uint64_t kEpochStream = std::uint64_t{1} << 61;

// What is drawn for one pair, by counter. Truncation draws from kTruncate on.
enum Draw : std::uint64_t { kCut, kReplace, kForeignDocument, kForeignSentence, kTruncate };

CounterRandom pair_random(std::uint64_t seed, std::int64_t index, std::int64_t epoch) {
  return CounterRandom(seed,
                       kEpochStream + (static_cast<std::uint64_t>(epoch) << 40) + static_cast<std::uint64_t>(index));
}

}  // namespace

SentencePairs::SentencePairs(std::shared_ptr<const Corpus> corpus, std::vector<std::int64_t> documents,
                             const SequenceFrame& frame, SentenceObjective objective, std::uint64_t seed)
    : corpus_(std::move(corpus)), documents_(std::move(documents)), frame_(frame), objective_(objective), seed_(seed) {
  if (frame_.length < kNumSpecial + kShortestTarget)
    throw ConfigError("tokenizer.max_length " + std::to_string(frame_.length) +
                      " leaves no room for a pair of sentences");
  std::erase_if(documents_, [this](std::int64_t document) { return corpus_->tokens(document).empty(); });
  for (std::size_t i = 0; i < documents_.size(); ++i) add_runs(documents_[i], static_cast<std::int64_t>(i), seed);
  if (runs_.empty())
    throw DataError(
        "no document has two sentences, so there are no pairs to learn from; put a sentence on each line, a blank line "
        "between documents, and set data.document: blank_line");
  if (objective_ == SentenceObjective::kNextSentence && documents_.size() < 2)
    throw DataError("there is only one document, so no sentence of another one to learn the difference from");
}

// A run ends with the sentence that reaches its target, but not before the second. A single sentence that is left at
// the end goes to the run before.
void SentencePairs::add_runs(std::int64_t document, std::int64_t number, std::uint64_t seed) {
  const std::vector<std::int64_t> ends = corpus_->sentence_ends(document);
  const CounterRandom random(seed, kCuttingStream + static_cast<std::uint64_t>(number));
  const std::int64_t room = frame_.length - kNumSpecial;
  std::uint64_t drawn = 0;
  if (ends.size() < 2) {
    ++num_left_out_;
    return;
  }
  for (std::size_t first = 0; first < ends.size();) {
    const bool is_short = random.uniform(drawn) < kShortShare;
    const auto shorter =
        static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(room - kShortestTarget + 1), drawn + 1));
    const std::int64_t target = is_short ? kShortestTarget + shorter : room;
    drawn += 2;
    const std::int64_t begin = first == 0 ? 0 : ends[first - 1];
    std::size_t end = first + 1;
    while (end < ends.size() && (ends[end - 1] - begin < target || end - first < 2)) ++end;
    if (end + 1 == ends.size()) ++end;
    runs_.push_back({document, static_cast<std::int32_t>(first), static_cast<std::int32_t>(end),
                     static_cast<std::int32_t>(target)});
    num_truncated_ += ends[end - 1] - begin > room;
    first = end;
  }
}

SentencePairs::Segment SentencePairs::segment(std::int64_t document, std::int64_t first, std::int64_t end) const {
  const std::vector<std::int64_t> ends = corpus_->sentence_ends(document);
  const std::int64_t begin = first == 0 ? 0 : ends[static_cast<std::size_t>(first) - 1];
  const std::int64_t behind = ends[static_cast<std::size_t>(end) - 1];
  return {corpus_->tokens(document).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(behind - begin))};
}

SentencePairs::Pair SentencePairs::draw_pair(std::int64_t index, std::int64_t epoch) const {
  const Run& run = runs_[static_cast<std::size_t>(index)];
  const CounterRandom random = pair_random(seed_, index, epoch);
  const auto num_cuts = static_cast<std::uint64_t>(run.end - run.first - 1);
  const std::int64_t cut = run.first + 1 + static_cast<std::int64_t>(random.below(num_cuts, kCut));
  Pair pair{segment(run.document, run.first, cut), segment(run.document, cut, run.end), 0};
  if (random.uniform(kReplace) < 0.5) {
    pair.label = 1;
    if (objective_ == SentenceObjective::kSentenceOrder) {
      std::swap(pair.first, pair.second);
    } else {
      const std::int64_t wanted = std::max<std::int64_t>(run.target - pair.first.size(), 1);
      pair.second = foreign_segment(run, wanted, random);
    }
  }
  truncate(pair, random);
  return pair;
}

// Sentences of another document, from a random one on, until they have `length` tokens.
SentencePairs::Segment SentencePairs::foreign_segment(const Run& run, std::int64_t length,
                                                      const CounterRandom& random) const {
  const auto num_others = static_cast<std::uint64_t>(documents_.size() - 1);
  auto which = static_cast<std::size_t>(random.below(num_others, kForeignDocument));
  if (documents_[which] >= run.document) ++which;  // documents_ ascends
  const std::int64_t document = documents_[which];
  const std::vector<std::int64_t> ends = corpus_->sentence_ends(document);
  const auto first = static_cast<std::int64_t>(random.below(ends.size(), kForeignSentence));
  const std::int64_t begin = first == 0 ? 0 : ends[static_cast<std::size_t>(first) - 1];
  auto end = static_cast<std::size_t>(first) + 1;
  while (end < ends.size() && ends[end - 1] - begin < length) ++end;
  return segment(document, first, static_cast<std::int64_t>(end));
}

// Tokens are dropped from the longer segment, at a random end each, as BERT's create_pretraining_data does.
void SentencePairs::truncate(Pair& pair, const CounterRandom& random) const {
  const std::int64_t room = frame_.length - kNumSpecial;
  for (std::uint64_t draw = kTruncate; pair.first.size() + pair.second.size() > room; ++draw) {
    auto& longer = pair.first.size() > pair.second.size() ? pair.first.tokens : pair.second.tokens;
    longer = random.uniform(draw) < 0.5 ? longer.subspan(1) : longer.first(longer.size() - 1);
  }
}

std::int64_t SentencePairs::num_tokens(std::int64_t index, std::int64_t epoch) const {
  const Pair pair = draw_pair(index, epoch);
  return pair.first.size() + pair.second.size() + kNumSpecial;
}

void SentencePairs::fill(std::int64_t index, std::int64_t epoch, TokenSequence& sequence) const {
  const Pair pair = draw_pair(index, epoch);
  sequence = {};
  std::vector<std::int32_t>& ids = sequence.ids;
  ids.push_back(*frame_.prefix);
  ids.insert(ids.end(), pair.first.tokens.begin(), pair.first.tokens.end());
  ids.push_back(*frame_.suffix);
  sequence.type_ids.assign(ids.size(), 0);
  ids.insert(ids.end(), pair.second.tokens.begin(), pair.second.tokens.end());
  ids.push_back(*frame_.suffix);
  sequence.type_ids.resize(ids.size(), 1);
  sequence.pair_label = pair.label;
}

std::string SentencePairs::advice_on_truncation() const {
  return "a larger tokenizer.max_length, or shorter lines, keep more of them";
}

std::string SentencePairs::describe(std::int64_t index) const {
  return corpus_->describe(runs_[static_cast<std::size_t>(index)].document);
}

}  // namespace llmtool
