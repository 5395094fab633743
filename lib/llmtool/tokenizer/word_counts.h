#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/events.h"

namespace llmtool {

// Puts the next text of a stream into its argument; false at the end. Texts are well-formed UTF-8.
using NextText = std::function<bool(std::string& text)>;
using TakeWord = std::function<void(std::string_view word)>;
// Calls `take` for each word of a text; called from several threads at once.
using CutText = std::function<void(std::string_view text, const TakeWord& take)>;

// Words are what stands between spaces, tabs and line ends.
void cut_at_spaces(std::string_view text, const TakeWord& take);

struct CountedWord {
  std::string word;
  std::int64_t count;
};

// The distinct words of a stream of texts with their frequencies, sorted by their bytes.
struct WordCounts {
  std::vector<CountedWord> words;
  std::int64_t num_texts = 0;
  std::int64_t num_bytes = 0;
  std::int64_t num_words = 0;
  std::int64_t num_overlong = 0;  // words longer than kLongestCountedWord, left out
  // Words left out because more than kMostDistinctWords were seen: all that were rarer than `least_kept` when memory
  // was made free. 0 unless that happened.
  std::int64_t num_rare = 0;
  std::int64_t least_kept = 0;
};

// In bytes. What is longer is no word of a language, and every merge would walk through it.
inline constexpr std::size_t kLongestCountedWord = 4096;
// About 1 GB of them.
inline constexpr std::size_t kMostDistinctWords = 8'000'000;

// Counts in memory bounded by `most_distinct`, on `num_threads` threads; the result does not depend on their number.
WordCounts count_words(const NextText& next_text, const CutText& cut, std::int64_t num_threads, EventSink& events,
                       std::size_t most_distinct = kMostDistinctWords);

// The words that `cut` makes of counted ones, with the frequencies of these.
std::vector<CountedWord> cut_further(const std::vector<CountedWord>& words, const CutText& cut);

}  // namespace llmtool
