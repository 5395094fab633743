#include "llmtool/formats/tensor_source.h"

#include <algorithm>
#include <cctype>

#include "llmtool/core/errors.h"
#include "llmtool/core/model_file.h"

namespace llmtool {

std::size_t dtype_size(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kU8:
    case DType::kI8:
    case DType::kF8E5M2:
    case DType::kF8E4M3:
      return 1;
    case DType::kI16:
    case DType::kU16:
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kI32:
    case DType::kU32:
    case DType::kF32:
      return 4;
    case DType::kC64:
    case DType::kF64:
    case DType::kI64:
    case DType::kU64:
      return 8;
  }
  return 0;
}

std::optional<std::int64_t> tensor_num_bytes(DType dtype, const std::vector<std::int64_t>& shape) {
  auto product = static_cast<std::int64_t>(dtype_size(dtype));
  for (const std::int64_t size : shape)
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  return product;
}

namespace {

bool is_web_page(std::string_view bytes) {
  const std::size_t start = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  std::string head(bytes.substr(start, 14));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return head.starts_with("<!doctype html") || head.starts_with("<html") || head.starts_with("<?xml");
}

}  // namespace

void require_weights_content(std::string_view bytes, const std::filesystem::path& path) {
  const std::string file = path.string();
  if (bytes.empty()) throw ModelError(file + ": the file is empty; fetch it again");
  refuse_git_lfs_pointer(bytes, file);
  if (is_web_page(bytes))
    throw ModelError(file + ": this is a web page saved under the name of the weights; download the file itself");
}

}  // namespace llmtool
