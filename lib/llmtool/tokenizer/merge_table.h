#pragma once

#include <cstdint>
#include <vector>

namespace llmtool {

// The merges of a BPE model: a pair of neighbouring tokens, when it is merged, and into what. A hash table with open
// addressing, because encoding asks it once for every pair of every new word.
class MergeTable {
 public:
  struct Merge {
    std::int32_t left;
    std::int32_t right;
    std::int32_t rank;  // smaller ones come first
    std::int32_t merged;
  };

  // Of a pair that stands twice the last one counts, as in the library.
  explicit MergeTable(const std::vector<Merge>& merges);

  // Null when the two are never merged. Ids must not be negative.
  const Merge* find(std::int32_t left, std::int32_t right) const {
    for (std::size_t i = slot_of(left, right);; i = (i + 1) & mask_) {
      const Merge& merge = slots_[i];
      if (merge.left == left && merge.right == right) return &merge;
      if (merge.left < 0) return nullptr;
    }
  }

 private:
  std::size_t slot_of(std::int32_t left, std::int32_t right) const {
    const std::uint64_t key = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
    return static_cast<std::size_t>((key * 0x9e3779b97f4a7c15u) >> 32) & mask_;
  }

  std::size_t mask_;
  std::vector<Merge> slots_;  // left < 0: empty; at most half of them are taken
};

}  // namespace llmtool
