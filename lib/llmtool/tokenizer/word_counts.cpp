#include "llmtool/tokenizer/word_counts.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "llmtool/core/parallel.h"

namespace llmtool {
namespace {

// Texts are counted in batches of this many bytes, so that where rare words are dropped does not depend on threads.
constexpr std::size_t kBatchBytes = std::size_t{4} << 20;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};
using CountMap = std::unordered_map<std::string, std::int64_t, TextHash, std::equal_to<>>;

void add(CountMap& counts, std::string_view word, std::int64_t count) {
  const auto found = counts.find(word);
  if (found != counts.end()) {
    found->second += count;
  } else {
    counts.emplace(word, count);
  }
}

std::vector<CountedWord> sorted(CountMap&& counts) {
  std::vector<CountedWord> words;
  words.reserve(counts.size());
  for (auto entry = counts.begin(); entry != counts.end();) {
    auto node = counts.extract(entry++);
    words.push_back({std::move(node.key()), node.mapped()});
  }
  std::sort(words.begin(), words.end(), [](const CountedWord& a, const CountedWord& b) { return a.word < b.word; });
  return words;
}

struct Batch {
  std::vector<std::string> texts;
  std::size_t num_bytes = 0;
  CountMap counts;
  std::int64_t num_words = 0;
  std::int64_t num_overlong = 0;

  void count(const CutText& cut) {
    const TakeWord take = [this](std::string_view word) {
      ++num_words;
      if (word.size() > kLongestCountedWord) {
        ++num_overlong;
      } else {
        add(counts, word, 1);
      }
    };
    for (const std::string& text : texts) cut(text, take);
  }
};

class Counting {
 public:
  Counting(const NextText& next_text, const CutText& cut, std::size_t most_distinct)
      : next_text_(next_text), cut_(cut), most_distinct_(most_distinct) {}

  // False when the stream has ended and nothing was read.
  bool count_batches(std::int64_t num_batches) {
    std::vector<Batch> batches(static_cast<std::size_t>(num_batches));
    for (Batch& batch : batches) read(batch);
    parallel_for(num_batches, num_batches, [&](std::int64_t i) { batches[static_cast<std::size_t>(i)].count(cut_); });
    for (Batch& batch : batches) take(batch);
    return !batches.front().texts.empty();
  }

  std::int64_t num_bytes() const { return result_.num_bytes; }

  WordCounts finish() {
    result_.words = sorted(std::move(counts_));
    return std::move(result_);
  }

 private:
  void read(Batch& batch) {
    std::string text;
    while (batch.num_bytes < kBatchBytes && next_text_(text)) {
      batch.num_bytes += text.size();
      batch.texts.push_back(std::move(text));
      text.clear();
    }
  }

  void take(const Batch& batch) {
    result_.num_texts += static_cast<std::int64_t>(batch.texts.size());
    result_.num_bytes += static_cast<std::int64_t>(batch.num_bytes);
    result_.num_words += batch.num_words;
    result_.num_overlong += batch.num_overlong;
    for (const auto& [word, count] : batch.counts) add(counts_, word, count);
    while (counts_.size() > most_distinct_) drop_rarest();
  }

  // Each time the bound rises, so that some words go.
  void drop_rarest() {
    result_.least_kept = std::max<std::int64_t>(result_.least_kept, 1) + 1;
    result_.num_rare += static_cast<std::int64_t>(
        std::erase_if(counts_, [this](const auto& entry) { return entry.second < result_.least_kept; }));
  }

  const NextText& next_text_;
  const CutText& cut_;
  std::size_t most_distinct_;
  CountMap counts_;
  WordCounts result_;
};

}  // namespace

void cut_at_spaces(std::string_view text, const TakeWord& take) {
  constexpr std::string_view kSpaces = " \t\r\n";
  for (std::size_t begin = text.find_first_not_of(kSpaces); begin != std::string_view::npos;) {
    const std::size_t end = std::min(text.find_first_of(kSpaces, begin), text.size());
    take(text.substr(begin, end - begin));
    begin = text.find_first_not_of(kSpaces, end);
  }
}

WordCounts count_words(const NextText& next_text, const CutText& cut, std::int64_t num_threads, EventSink& events,
                       std::size_t most_distinct) {
  Counting counting(next_text, cut, most_distinct);
  while (counting.count_batches(std::max<std::int64_t>(num_threads, 1)))
    events.progress({.name = "counting words", .done = counting.num_bytes() >> 20, .total = 0, .unit = "MiB"});
  return counting.finish();
}

std::vector<CountedWord> cut_further(const std::vector<CountedWord>& words, const CutText& cut) {
  CountMap counts;
  for (const CountedWord& counted : words)
    cut(counted.word, [&](std::string_view word) { add(counts, word, counted.count); });
  return sorted(std::move(counts));
}

}  // namespace llmtool
