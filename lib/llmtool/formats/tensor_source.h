#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// Element types of stored tensors. The order is that of the safetensors library, which sorts by it when writing.
enum class DType {
  kBool,
  kU8,
  kI8,
  kF8E5M2,
  kF8E4M3,
  kI16,
  kU16,
  kF16,
  kBF16,
  kI32,
  kU32,
  kF32,
  kC64,
  kF64,
  kI64,
  kU64
};

// Names as safetensors writes them.
template <>
struct EnumNames<DType> {
  using Name = std::string_view;
  static constexpr std::array kNames{
      std::pair{DType::kBool, Name("BOOL")},      std::pair{DType::kU8, Name("U8")},
      std::pair{DType::kI8, Name("I8")},          std::pair{DType::kF8E5M2, Name("F8_E5M2")},
      std::pair{DType::kF8E4M3, Name("F8_E4M3")}, std::pair{DType::kI16, Name("I16")},
      std::pair{DType::kU16, Name("U16")},        std::pair{DType::kF16, Name("F16")},
      std::pair{DType::kBF16, Name("BF16")},      std::pair{DType::kI32, Name("I32")},
      std::pair{DType::kU32, Name("U32")},        std::pair{DType::kF32, Name("F32")},
      std::pair{DType::kC64, Name("C64")},        std::pair{DType::kF64, Name("F64")},
      std::pair{DType::kI64, Name("I64")},        std::pair{DType::kU64, Name("U64")}};
};

// Bytes of one element.
std::size_t dtype_size(DType dtype);

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

// Bytes of a contiguous tensor of non-negative sizes, or nothing when the number does not fit 63 bits.
std::optional<std::int64_t> tensor_num_bytes(DType dtype, const std::vector<std::int64_t>& shape);

// Throws ModelError when the bytes of a weights file are evidently something else: nothing at all, a Git LFS pointer,
// a web page.
void require_weights_content(std::string_view bytes, const std::filesystem::path& path);

// The weights in a Hugging Face model folder, the first that exists of: model.safetensors,
// model.safetensors.index.json with its shards, pytorch_model.bin, pytorch_model.bin.index.json with its shards.
// Throws ModelError: none there, shards missing (all listed), a shard path leaving the folder, damaged files, a tensor
// the index names but the shard lacks.
std::unique_ptr<TensorSource> open_checkpoint(const std::filesystem::path& directory);

}  // namespace llmtool
