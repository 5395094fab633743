#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace llmtool {

// True when a tensor of these strides (in elements) is row-major without gaps.
bool is_contiguous(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides);

// The elements in row-major order. `first` starts at the tensor's first element and must reach its last one.
std::string contiguous_copy(std::string_view first, std::size_t element_size, const std::vector<std::int64_t>& shape,
                            const std::vector<std::int64_t>& strides);

}  // namespace llmtool
