#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/formats/dtype.h"

namespace llmtool {

// A stored tensor, row-major and contiguous, little-endian. `bytes` need not be aligned to the element size: copy with
// memcpy. It points into the source, which must outlive it.
struct TensorView {
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::string_view bytes;
};

// Named tensors in one or more files. All of it is checked when opened; find() cannot fail.
class TensorSource {
 public:
  virtual ~TensorSource() = default;
  // In ascending order of name.
  virtual const std::vector<std::string>& names() const = 0;
  // Null when there is no such tensor.
  virtual const TensorView* find(std::string_view name) const = 0;
  // The `__metadata__` of safetensors ("format": "pt"); empty for other files.
  virtual const std::map<std::string, std::string>& metadata() const = 0;
  // The files behind it, for messages and hashes.
  virtual const std::vector<std::filesystem::path>& files() const = 0;
};

}  // namespace llmtool
