#include <algorithm>
#include <stdexcept>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/formats/tensor_size.h"

namespace llmtool {
namespace {

constexpr std::size_t kAlignment = 8;

// Widest elements first, so that every tensor is aligned to its element size; then by name (safetensors, tensor.rs,
// `prepare`).
std::vector<const NamedTensor*> in_file_order(const std::vector<NamedTensor>& tensors) {
  std::vector<const NamedTensor*> ordered;
  for (const NamedTensor& tensor : tensors) ordered.push_back(&tensor);
  std::sort(ordered.begin(), ordered.end(), [](const NamedTensor* left, const NamedTensor* right) {
    if (left->tensor.dtype != right->tensor.dtype) return left->tensor.dtype > right->tensor.dtype;
    return left->name < right->name;
  });
  return ordered;
}

void require_consistent(const NamedTensor& named) {
  const auto expected = tensor_num_bytes(named.tensor.dtype, named.tensor.shape);
  if (!expected || *expected != static_cast<std::int64_t>(named.tensor.bytes.size()))
    throw std::invalid_argument("tensor " + quote(named.name) + ": shape and number of bytes disagree");
}

std::string header_of(const std::vector<const NamedTensor*>& tensors,
                      const std::map<std::string, std::string>& metadata) {
  Json header = Json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  std::size_t offset = 0;
  for (const NamedTensor* named : tensors) {
    require_consistent(*named);
    const std::size_t end = offset + named->tensor.bytes.size();

    if (header.contains(named->name)) throw std::invalid_argument("two tensors are named " + quote(named->name));
    header[named->name] = {
        {"dtype", enum_name(named->tensor.dtype)}, {"shape", named->tensor.shape}, {"data_offsets", {offset, end}}};
    offset = end;
  }
  std::string text = to_json_text(header);
  text.append((kAlignment - text.size() % kAlignment) % kAlignment, ' ');
  return text;
}

std::string little_endian(std::uint64_t number) {
  std::string bytes;
  for (int shift = 0; shift < 64; shift += 8) bytes += static_cast<char>(number >> shift & 0xff);
  return bytes;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, const std::vector<NamedTensor>& tensors,
                       const std::map<std::string, std::string>& metadata) {
  const auto ordered = in_file_order(tensors);
  const std::string header = header_of(ordered, metadata);
  AtomicFile file(path);
  file.write(little_endian(header.size()));
  file.write(header);
  for (const NamedTensor* named : ordered) file.write(named->tensor.bytes);
  file.commit();
}

}  // namespace llmtool
