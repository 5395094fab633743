#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace llmtool {

// Remembers what words became. Bounded: a word is kept in the slot its hash names or in one of the next few, and when
// all of them are taken it is not kept. Entries never change or move, so threads share a cache without locks.
template <class Token>
class WordCache {
 public:
  // Longer words are rare and cost memory.
  static constexpr std::size_t kLongestWord = 64;

  WordCache() : slots_(kNumSlots) {}
  WordCache(const WordCache&) = delete;
  WordCache& operator=(const WordCache&) = delete;
  ~WordCache() {
    for (auto& slot : slots_) delete slot.load(std::memory_order_relaxed);
  }

  // Null when the word is not known. Stays valid as long as the cache.
  const std::vector<Token>* find(std::string_view word) const {
    const std::size_t first = std::hash<std::string_view>{}(word);
    for (std::size_t i = 0; i < kNumProbes; ++i) {
      const Entry* entry = slots_[(first + i) % kNumSlots].load(std::memory_order_acquire);
      if (!entry) return nullptr;
      if (entry->word == word) return &entry->tokens;
    }
    return nullptr;
  }

  void insert(std::string_view word, std::vector<Token> tokens) {
    if (word.size() > kLongestWord) return;
    const std::size_t first = std::hash<std::string_view>{}(word);
    for (std::size_t i = 0; i < kNumProbes; ++i) {
      auto& slot = slots_[(first + i) % kNumSlots];
      if (slot.load(std::memory_order_relaxed)) continue;
      auto entry = std::make_unique<const Entry>(Entry{std::string(word), std::move(tokens)});
      const Entry* empty = nullptr;
      // The slot owns it, unless another thread was faster: then the word is kept another time.
      if (slot.compare_exchange_strong(empty, entry.get(), std::memory_order_release))
        static_cast<void>(entry.release());
      return;
    }
  }

 private:
  static constexpr std::size_t kNumSlots = 1 << 16;
  static constexpr std::size_t kNumProbes = 8;

  struct Entry {
    std::string word;
    std::vector<Token> tokens;
  };
  std::vector<std::atomic<const Entry*>> slots_;
};

}  // namespace llmtool
