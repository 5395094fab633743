#include "llmtool/tokenizer/model_trainers.h"

#include <sentencepiece_trainer.h>

#include <algorithm>
#include <limits>
#include <map>
#include <queue>
#include <set>
#include <unordered_map>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

std::string to_text(char32_t character) {
  std::string text;
  append_utf8(character, text);
  return text;
}

template <class Take>
void for_each_character(std::string_view word, const Take& take) {
  for (std::size_t position = 0; position < word.size();) take(decode_utf8(word, position));
}

// The characters of the vocabulary.
std::set<char32_t> choose_alphabet(const std::vector<CountedWord>& words, const MergeTraining& options) {
  std::map<char32_t, std::int64_t> counts;
  for (const CountedWord& counted : words)
    for_each_character(counted.word, [&](char32_t character) { counts[character] += counted.count; });
  for (const char32_t character : options.initial_alphabet)
    counts[character] = std::numeric_limits<std::int64_t>::max();
  std::vector<std::pair<char32_t, std::int64_t>> kept(counts.begin(), counts.end());
  if (options.limit_alphabet && static_cast<std::int64_t>(kept.size()) > *options.limit_alphabet) {
    std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    kept.resize(static_cast<std::size_t>(*options.limit_alphabet));
  }
  std::set<char32_t> alphabet;
  for (const auto& [character, count] : kept) alphabet.insert(character);
  return alphabet;
}

// Tokens and their ids while they grow.
class TokenTable {
 public:
  // Id of the token, which becomes the last one when it is new.
  std::int32_t id(const std::string& token) {
    const auto [entry, is_new] = ids_.emplace(token, static_cast<std::int32_t>(tokens_.size()));
    if (is_new) tokens_.push_back(token);
    return entry->second;
  }
  const std::string& token(std::int32_t id) const { return tokens_[static_cast<std::size_t>(id)]; }
  std::int64_t size() const { return static_cast<std::int64_t>(tokens_.size()); }
  std::vector<std::string> take() { return std::move(tokens_); }

 private:
  std::unordered_map<std::string, std::int32_t> ids_;
  std::vector<std::string> tokens_;
};

class MergeTrainer {
 public:
  MergeTrainer(const std::vector<CountedWord>& words, const MergeTraining& options) : options_(options) {
    for (const std::string& token : options.special_tokens) tokens_.id(token);
    write_words(words);
    require_room();
    for (std::size_t word = 0; word < words_.size(); ++word) count_pairs(static_cast<std::uint32_t>(word));
    enqueue_grown();
  }

  TrainedMerges train(const std::function<void(std::int64_t)>& report) {
    while (tokens_.size() < options_.vocab_size) {
      const auto index = pop_most_frequent();
      if (!index || pairs_[*index].count < std::max<std::int64_t>(options_.min_frequency, 1)) break;
      merge(*index);
      if (report && merges_.size() % 256 == 0) report(tokens_.size());
    }
    return {tokens_.take(), std::move(merges_)};
  }

 private:
  struct Word {
    std::size_t begin;   // in symbols_
    std::uint32_t size;  // shrinks with every merge
    std::int64_t count;
  };
  struct Pair {
    std::int32_t left;
    std::int32_t right;
    // Keeps the value it was merged with. A merged pair comes back when another merge writes one of its tokens anew; it
    // is then merged again before any other, as it is when texts are encoded.
    std::int64_t count = 0;
    bool merged = false;
    bool grown = false;                // waits in grown_
    std::vector<std::uint32_t> words;  // where it stands, or stood
  };
  // Counts change while an entry waits; it is put right when it comes up.
  struct QueueEntry {
    std::int64_t count;
    std::int32_t left;
    std::int32_t right;
    std::uint32_t pair;

    bool operator<(const QueueEntry& other) const {
      if (count != other.count) return count < other.count;
      if (left != other.left) return left > other.left;
      return right > other.right;
    }
  };

  // Gives characters their ids and writes the words in them; characters outside the alphabet vanish.
  void write_words(const std::vector<CountedWord>& words) {
    const std::set<char32_t> alphabet = choose_alphabet(words, options_);
    std::unordered_map<char32_t, std::int32_t> first_ids;
    for (const char32_t character : alphabet) first_ids[character] = tokens_.id(to_text(character));
    std::set<char32_t> continuing;
    for (const CountedWord& counted : words) {
      bool is_first = true;
      for_each_character(counted.word, [&](char32_t character) {
        if (!is_first && alphabet.contains(character)) continuing.insert(character);
        is_first = false;
      });
    }
    std::unordered_map<char32_t, std::int32_t> continuing_ids;
    for (const char32_t character : continuing)
      continuing_ids[character] = tokens_.id(options_.continuing_subword_prefix + to_text(character));
    for (const CountedWord& counted : words) {
      const std::size_t begin = symbols_.size();
      bool is_first = true;
      for_each_character(counted.word, [&](char32_t character) {
        const auto& ids = is_first ? first_ids : continuing_ids;
        is_first = false;
        if (const auto id = ids.find(character); id != ids.end()) symbols_.push_back(id->second);
      });
      words_.push_back({begin, static_cast<std::uint32_t>(symbols_.size() - begin), counted.count});
    }
  }

  void require_room() const {
    if (tokens_.size() <= options_.vocab_size) return;
    throw UsageError("the special tokens and single characters alone are " + std::to_string(tokens_.size()) +
                     " tokens, more than the vocabulary size of " + std::to_string(options_.vocab_size) +
                     "; ask for a larger vocabulary" +
                     (options_.initial_alphabet.empty() ? ", or for fewer characters with --limit-alphabet" : ""));
  }

  void count_pairs(std::uint32_t word_index) {
    const Word& word = words_[word_index];
    for (std::size_t i = word.begin; i + 1 < word.begin + word.size; ++i)
      add_to_pair(symbols_[i], symbols_[i + 1], word_index);
  }

  Pair& pair(std::int32_t left, std::int32_t right) {
    const std::uint64_t key = (static_cast<std::uint64_t>(left) << 32) | static_cast<std::uint32_t>(right);
    const auto [entry, is_new] = pair_of_tokens_.emplace(key, static_cast<std::uint32_t>(pairs_.size()));
    if (is_new) pairs_.push_back({.left = left, .right = right, .words = {}});
    return pairs_[entry->second];
  }

  void add_to_pair(std::int32_t left, std::int32_t right, std::uint32_t word) {
    Pair& grown = pair(left, right);
    grown.count += words_[word].count;
    if (grown.words.empty() || grown.words.back() != word) grown.words.push_back(word);
    if (grown.grown) return;
    grown.grown = true;
    grown_.push_back(static_cast<std::uint32_t>(&grown - pairs_.data()));
  }

  void take_from_pair(std::int32_t left, std::int32_t right, std::uint32_t word) {
    pair(left, right).count -= words_[word].count;
  }

  void enqueue_grown() {
    for (const std::uint32_t index : grown_) {
      pairs_[index].grown = false;
      enqueue(index);
    }
    grown_.clear();
  }

  void enqueue(std::uint32_t index) {
    const Pair& waiting = pairs_[index];
    if (waiting.count > 0) queue_.push({waiting.count, waiting.left, waiting.right, index});
  }

  std::optional<std::uint32_t> pop_most_frequent() {
    while (!queue_.empty()) {
      const QueueEntry top = queue_.top();
      queue_.pop();
      const Pair& found = pairs_[top.pair];
      if (found.words.empty()) continue;  // merged since
      if (found.count == top.count) return top.pair;
      enqueue(top.pair);
    }
    return std::nullopt;
  }

  void merge(std::uint32_t index) {
    const std::int32_t left = pairs_[index].left;
    const std::int32_t right = pairs_[index].right;
    const std::int32_t merged = tokens_.id(merged_token(left, right));
    if (!pairs_[index].merged) merges_.emplace_back(left, right);
    pairs_[index].merged = true;
    const std::vector<std::uint32_t> words = std::exchange(pairs_[index].words, {});
    for (const std::uint32_t word : words) merge_in_word(word, left, right, merged);
    enqueue_grown();
  }

  std::string merged_token(std::int32_t left, std::int32_t right) const {
    const std::string& prefix = options_.continuing_subword_prefix;
    const std::string& end = tokens_.token(right);
    return tokens_.token(left) + (end.starts_with(prefix) ? end.substr(prefix.size()) : end);
  }

  void merge_in_word(std::uint32_t index, std::int32_t left, std::int32_t right, std::int32_t merged) {
    Word& word = words_[index];
    std::int32_t* symbols = symbols_.data() + word.begin;
    std::uint32_t size = 0;
    for (std::uint32_t i = 0; i < word.size;) {
      if (symbols[i] != left || i + 1 == word.size || symbols[i + 1] != right) {
        symbols[size++] = symbols[i++];
        continue;
      }
      if (size > 0) {
        take_from_pair(symbols[size - 1], left, index);
        add_to_pair(symbols[size - 1], merged, index);
      }
      if (i + 2 < word.size) {
        take_from_pair(right, symbols[i + 2], index);
        add_to_pair(merged, symbols[i + 2], index);
      }
      symbols[size++] = merged;
      i += 2;
    }
    word.size = size;
  }

  const MergeTraining& options_;
  TokenTable tokens_;
  std::vector<std::pair<std::int32_t, std::int32_t>> merges_;
  std::vector<std::int32_t> symbols_;  // token ids of all words
  std::vector<Word> words_;
  std::vector<Pair> pairs_;
  std::unordered_map<std::uint64_t, std::uint32_t> pair_of_tokens_;
  std::vector<std::uint32_t> grown_;  // pairs whose count rose in the present merge
  std::priority_queue<QueueEntry> queue_;
};

}  // namespace

TrainedMerges train_merges(const std::vector<CountedWord>& words, const MergeTraining& options,
                           const std::function<void(std::int64_t)>& report) {
  return MergeTrainer(words, options).train(report);
}

namespace {

// The library's sums depend on this number, so it is not that of the machine.
constexpr const char* kNumThreads = "4";
constexpr std::int64_t kTextsPerReport = 4096;

class TextIterator : public sentencepiece::SentenceIterator {
 public:
  TextIterator(const NextText& next_text, TrainedUnigram& counts, EventSink& events)
      : next_text_(next_text), counts_(counts), events_(events) {
    Next();
  }

  bool done() const override { return done_; }
  const std::string& value() const override { return text_; }
  sentencepiece::util::Status status() const override { return {}; }
  void Next() override {
    do {
      done_ = !next_text_(text_);
      if (done_) return;
      ++counts_.num_texts;
      counts_.num_bytes += static_cast<std::int64_t>(text_.size());
      if (text_.size() > kLongestUnigramText) ++counts_.num_overlong;
      if (counts_.num_texts % kTextsPerReport == 0)
        events_.progress({.name = "reading texts", .done = counts_.num_texts, .unit = "texts", .detail = ""});
    } while (text_.size() > kLongestUnigramText);
  }

 private:
  const NextText& next_text_;
  TrainedUnigram& counts_;
  EventSink& events_;
  std::string text_;
  bool done_ = false;
};

std::unordered_map<std::string, std::string> settings_of(const UnigramTraining& training) {
  return {{"model_type", "unigram"},
          {"vocab_size", std::to_string(training.vocab_size)},
          {"hard_vocab_limit", "false"},
          {"normalization_rule_name", training.lowercase ? "nmt_nfkc_cf" : "nmt_nfkc"},
          {"max_sentence_length", std::to_string(kLongestUnigramText)},
          {"num_threads", kNumThreads},
          {"pad_id", "0"},
          {"unk_id", "1"},
          {"bos_id", "-1"},
          {"eos_id", "-1"},
          {"control_symbols", "[CLS],[SEP],[MASK]"},
          {"minloglevel", "2"}};
}

}  // namespace

TrainedUnigram train_unigram(const UnigramTraining& training, const NextText& next_text, EventSink& events) {
  TrainedUnigram trained;
  TextIterator texts(next_text, trained, events);
  if (texts.done()) throw DataError("the input holds no texts to train on");
  const auto status = sentencepiece::SentencePieceTrainer::Train(settings_of(training), &texts, &trained.model);
  if (!status.ok()) throw UsageError("the SentencePiece library cannot train this: " + status.ToString());
  return trained;
}

}  // namespace llmtool
