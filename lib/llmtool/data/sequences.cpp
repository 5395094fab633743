#include "llmtool/data/sequences.h"

#include <algorithm>
#include <utility>

#include "llmtool/core/errors.h"

namespace llmtool {

std::int64_t count_scored_tokens(const SequenceSource& sequences, std::int32_t id) {
  std::int64_t count = 0;
  TokenSequence sequence;
  for (std::int64_t index = 0; index < sequences.num_sequences(); ++index) {
    sequences.fill(index, 0, sequence);
    count += std::count(sequence.ids.begin() + sequence.first_scored, sequence.ids.end(), id);
  }
  return count;
}

Windows make_windows(std::int64_t total, const SequenceFrame& frame, std::optional<std::int64_t> stride) {
  const std::int64_t size = frame.content_length();
  if (size < 1)
    throw ConfigError("tokenizer.max_length " + std::to_string(frame.length) +
                      " leaves no room for text beside the special tokens");
  if (stride && *stride > size)
    throw ConfigError("data.stride " + std::to_string(*stride) + " would leave tokens out: a sequence holds " +
                      std::to_string(size) + " tokens of text");
  return {total, size, stride.value_or(size)};
}

TokenBlocks::TokenBlocks(std::shared_ptr<const Corpus> corpus, std::vector<std::int64_t> documents,
                         const SequenceFrame& frame, std::optional<std::int64_t> stride)
    : corpus_(std::move(corpus)), documents_(std::move(documents)), frame_(frame) {
  const std::int64_t num_separators = frame.end_of_text ? 1 : 0;
  std::int64_t total = 0;
  ends_.reserve(documents_.size());
  for (const std::int64_t document : documents_) {
    total += corpus_->num_tokens(document) + num_separators;
    ends_.push_back(total);
  }
  windows_ = make_windows(total, frame, stride);
}

std::int64_t TokenBlocks::num_tokens(std::int64_t index, std::int64_t /*epoch*/) const {
  return windows_.end(index) - windows_.begin(index) + frame_.num_special();
}

void TokenBlocks::fill(std::int64_t index, std::int64_t /*epoch*/, TokenSequence& sequence) const {
  sequence = {};
  if (frame_.prefix) sequence.ids.push_back(*frame_.prefix);
  const std::int64_t end = windows_.end(index);
  std::int64_t token = windows_.begin(index);
  for (std::size_t i = find_document(token); token < end; ++i) {
    const std::int64_t begin = i == 0 ? 0 : ends_[i - 1];
    const auto text = corpus_->tokens(documents_[i]);
    const auto first = std::min(static_cast<std::size_t>(token - begin), text.size());
    const auto last = std::min(static_cast<std::size_t>(end - begin), text.size());
    sequence.ids.insert(sequence.ids.end(), text.begin() + static_cast<std::ptrdiff_t>(first),
                        text.begin() + static_cast<std::ptrdiff_t>(last));
    if (frame_.end_of_text && ends_[i] <= end) sequence.ids.push_back(*frame_.end_of_text);
    token = ends_[i];
  }
  if (frame_.suffix) sequence.ids.push_back(*frame_.suffix);
  const std::int64_t num_shared = windows_.num_shared(index);
  if (num_shared > 0) sequence.first_scored = num_shared + (frame_.prefix ? 1 : 0);
}

std::string TokenBlocks::describe(std::int64_t index) const {
  return corpus_->describe(documents_[find_document(windows_.begin(index))]);
}

std::size_t TokenBlocks::find_document(std::int64_t token) const {
  return static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), token) - ends_.begin());
}

DocumentSequences::DocumentSequences(std::shared_ptr<const Corpus> corpus, const std::vector<std::int64_t>& documents,
                                     const SequenceFrame& frame, std::optional<std::int64_t> stride)
    : corpus_(std::move(corpus)), frame_(frame) {
  for (const std::int64_t document : documents) add_document(document, stride);
}

// A document ends with end of text, where there is one, so that a model learns to stop.
void DocumentSequences::add_document(std::int64_t document, std::optional<std::int64_t> stride) {
  const auto num_text = corpus_->num_tokens(document);
  if (num_text == 0) return;
  const Windows windows = make_windows(num_text + (frame_.end_of_text ? 1 : 0), frame_, stride);
  if (!stride) {
    num_truncated_ += windows.count() > 1;
    parts_.push_back({document, 0, windows.end(0), 0});
    return;
  }
  for (std::int64_t i = 0; i < windows.count(); ++i)
    parts_.push_back({document, windows.begin(i), windows.end(i), windows.num_shared(i)});
}

std::int64_t DocumentSequences::num_tokens(std::int64_t index, std::int64_t /*epoch*/) const {
  return part(index).end - part(index).begin + frame_.num_special();
}

void DocumentSequences::fill(std::int64_t index, std::int64_t /*epoch*/, TokenSequence& sequence) const {
  const Part& from = part(index);
  const auto text = corpus_->tokens(from.document);
  const auto num_text = static_cast<std::int64_t>(text.size());
  sequence = {};
  if (frame_.prefix) sequence.ids.push_back(*frame_.prefix);
  for (std::int64_t i = from.begin; i < from.end; ++i)
    sequence.ids.push_back(i < num_text ? text[static_cast<std::size_t>(i)] : *frame_.end_of_text);
  if (frame_.suffix) sequence.ids.push_back(*frame_.suffix);
  if (from.num_shared > 0) sequence.first_scored = from.num_shared + (frame_.prefix ? 1 : 0);
}

std::string DocumentSequences::describe(std::int64_t index) const { return corpus_->describe(part(index).document); }

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
