#include "llmtool/formats/strided_copy.h"

namespace llmtool {

bool is_contiguous(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
  std::int64_t expected = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] != 1 && strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

std::string contiguous_copy(std::string_view first, std::size_t element_size, const std::vector<std::int64_t>& shape,
                            const std::vector<std::int64_t>& strides) {
  std::string copy;
  std::vector<std::int64_t> index(shape.size(), 0);
  std::int64_t offset = 0;
  for (;;) {
    copy.append(first.substr(static_cast<std::size_t>(offset) * element_size, element_size));
    std::size_t axis = shape.size();
    for (; axis > 0; --axis) {
      offset += strides[axis - 1];
      if (++index[axis - 1] < shape[axis - 1]) break;
      offset -= strides[axis - 1] * shape[axis - 1];
      index[axis - 1] = 0;
    }
    if (axis == 0) return copy;
  }
}

}  // namespace llmtool
