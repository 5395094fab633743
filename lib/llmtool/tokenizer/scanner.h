#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace llmtool {

// A pipeline in one pass over the bytes, for ids without offsets.
class Scanner {
 public:
  virtual ~Scanner() = default;
  // Appends the ids of `text`, which is well-formed UTF-8, or leaves `ids` as it was and returns false: the general way
  // has to do it.
  virtual bool encode(std::string_view text, std::vector<std::int32_t>& ids) const = 0;
};

}  // namespace llmtool
