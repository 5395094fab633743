#include "llmtool/tokenizer/merge_table.h"

#include <bit>

namespace llmtool {

MergeTable::MergeTable(const std::vector<Merge>& merges)
    : mask_(std::bit_ceil(2 * merges.size() + 1) - 1), slots_(mask_ + 1, {-1, -1, 0, 0}) {
  for (const Merge& merge : merges) {
    std::size_t i = slot_of(merge.left, merge.right);
    while (slots_[i].left >= 0 && (slots_[i].left != merge.left || slots_[i].right != merge.right)) i = (i + 1) & mask_;
    slots_[i] = merge;
  }
}

}  // namespace llmtool
