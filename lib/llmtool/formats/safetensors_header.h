#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/formats/dtype.h"

namespace llmtool {

// One entry of a safetensors header: [begin, end) counts from the end of the header.
struct StoredTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<std::int64_t> shape;
  std::int64_t begin = 0;
  std::int64_t end = 0;
};

struct SafetensorsHeader {
  std::vector<StoredTensor> tensors;  // in the order of their data
  std::map<std::string, std::string> metadata;
  std::size_t data_begin = 0;  // offset in the file
};

// Reads and checks the header of a whole file: 8 bytes of length (little-endian), JSON, then the tensors' bytes without
// gaps. Throws ModelError that starts with `file`. Format: safetensors README, "Format".
SafetensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file);

}  // namespace llmtool
