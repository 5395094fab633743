#pragma once

#include <algorithm>
#include <cstdint>

namespace llmtool {

// [begin, end) of the index-th window of `size` items over `total` items, windows starting `stride` apart. The last one
// ends with the items, so none is dropped.
struct Windows {
  std::int64_t total = 0;
  std::int64_t size = 1;
  std::int64_t stride = 1;  // 1 … size

  std::int64_t count() const {
    if (total == 0) return 0;
    return total <= size ? 1 : (total - size + stride - 1) / stride + 1;
  }
  std::int64_t begin(std::int64_t index) const { return index * stride; }
  std::int64_t end(std::int64_t index) const { return std::min(begin(index) + size, total); }
  // Items of this window that the one before has too.
  std::int64_t num_shared(std::int64_t index) const { return index == 0 ? 0 : end(index - 1) - begin(index); }
};

}  // namespace llmtool
