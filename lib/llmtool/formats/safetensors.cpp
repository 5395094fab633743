#include "llmtool/formats/safetensors.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <stdexcept>
#include <tuple>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/tensor_source.h"

namespace llmtool {
namespace {

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

constexpr std::size_t kLengthSize = 8;
// The library's limit is 100 MB; of this size it is some 150,000 tensors, and takes 300 MB of memory at the most.
constexpr std::size_t kLargestHeader = 16 << 20;
constexpr std::size_t kMostHeaderValues = 2'000'000;
constexpr const char* kMetadataKey = "__metadata__";

// Reads one header; `file_` starts every message.
class HeaderParser {
 public:
  explicit HeaderParser(const std::string& file) : file_(file) {}

  SafetensorsHeader parse(std::string_view bytes) const {
    const std::string_view text = header_text(bytes);
    if (!text.starts_with('{')) fail("the header is not a JSON object; the file is damaged or not safetensors");
    SafetensorsHeader header;
    header.data_begin = kLengthSize + text.size();
    const std::string place = file_ + " (header)";
    const Json json = parse_json(text, place, ExitCode::kModel, 1, kMostHeaderValues);
    for (const auto& [name, entry] : json.items()) {
      if (name == kMetadataKey)
        header.metadata = metadata(entry);
      else
        header.tensors.push_back(tensor(name, entry));
    }
    require_no_gaps(header.tensors, static_cast<std::int64_t>(bytes.size() - header.data_begin));
    return header;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ModelError(file_ + ": " + message); }
  [[noreturn]] void fail_tensor(const std::string& name, const std::string& message) const {
    fail("tensor " + quote(name) + ": " + message);
  }

  std::string_view header_text(std::string_view bytes) const {
    if (bytes.size() < kLengthSize)
      fail("too short for a safetensors file (" + std::to_string(bytes.size()) + " bytes)");
    std::uint64_t length = 0;
    for (std::size_t i = kLengthSize; i-- > 0;) length = length << 8 | static_cast<unsigned char>(bytes[i]);
    if (length > kLargestHeader)
      fail("header length " + std::to_string(length) +
           " is over 16 MiB, the most that is read; the file is damaged or "
           "not safetensors");
    if (length > bytes.size() - kLengthSize)
      fail("the header needs " + std::to_string(length) + " bytes, but the file has only " +
           std::to_string(bytes.size()) + "; it is incomplete, fetch it again");
    return bytes.substr(kLengthSize, length);
  }

  std::map<std::string, std::string> metadata(const Json& entry) const {
    if (!entry.is_object()) fail("__metadata__ is not an object of strings");
    std::map<std::string, std::string> metadata;
    for (const auto& [name, value] : entry.items()) {
      if (!value.is_string()) fail("__metadata__ entry " + quote(name) + " is not a string");
      metadata[name] = value.get<std::string>();
    }
    return metadata;
  }

  StoredTensor tensor(const std::string& name, const Json& entry) const {
    if (!entry.is_object()) fail_tensor(name, "its header entry is not an object");
    for (const char* key : {"dtype", "shape", "data_offsets"})
      if (!entry.contains(key)) fail_tensor(name, std::string("its header entry has no ") + quote(key));
    StoredTensor tensor;
    tensor.name = name;
    tensor.dtype = dtype(name, entry["dtype"]);
    tensor.shape = numbers(name, "shape", entry["shape"]);
    const auto offsets = numbers(name, "data_offsets", entry["data_offsets"]);
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail_tensor(name, "data_offsets must be a begin and an end not before it");
    tensor.begin = offsets[0];
    tensor.end = offsets[1];
    require_size(tensor);
    return tensor;
  }

  DType dtype(const std::string& name, const Json& value) const {
    const auto known = value.is_string() ? enum_from_name<DType>(value.get<std::string>()) : std::nullopt;
    if (!known) fail_tensor(name, "element type " + json_excerpt(value) + " is not supported");
    return *known;
  }

  std::vector<std::int64_t> numbers(const std::string& name, const std::string& key, const Json& value) const {
    if (!value.is_array()) fail_tensor(name, key + " is not a list of numbers");
    std::vector<std::int64_t> numbers;
    for (const Json& number : value) {
      const bool fits = number.is_number_unsigned() &&
                        number.get<std::uint64_t>() <= std::uint64_t{std::numeric_limits<std::int64_t>::max()};
      if (!fits)
        fail_tensor(name, key + " holds " + json_excerpt(number) + ", which is no non-negative 64-bit integer");
      numbers.push_back(number.get<std::int64_t>());
    }
    return numbers;
  }

  void require_size(const StoredTensor& tensor) const {
    const auto expected = tensor_num_bytes(tensor.dtype, tensor.shape);
    if (!expected) fail_tensor(tensor.name, "the product of its shape overflows 64 bits");
    if (*expected != tensor.end - tensor.begin)
      fail_tensor(tensor.name, "its shape needs " + std::to_string(*expected) + " bytes, but data_offsets span " +
                                   std::to_string(tensor.end - tensor.begin));
  }

  // Sorts by place and checks that every byte of the data belongs to exactly one tensor.
  void require_no_gaps(std::vector<StoredTensor>& tensors, std::int64_t data_size) const {
    std::sort(tensors.begin(), tensors.end(), [](const StoredTensor& left, const StoredTensor& right) {
      return std::tie(left.begin, left.end) < std::tie(right.begin, right.end);
    });
    std::int64_t end = 0;
    for (const StoredTensor& tensor : tensors) {
      if (tensor.begin < end) fail_tensor(tensor.name, "its data overlaps that of another tensor");
      if (tensor.begin > end)
        fail_tensor(tensor.name, std::to_string(tensor.begin - end) + " bytes before its data belong to no tensor");
      end = tensor.end;
    }
    if (end > data_size)
      fail("the tensors need " + std::to_string(end) + " bytes, but only " + std::to_string(data_size) +
           " follow the header; the file is incomplete, fetch it again");
    if (end < data_size) fail(std::to_string(data_size - end) + " bytes after the last tensor belong to no tensor");
  }

  const std::string& file_;
};

// Reads and checks the header of a whole file: 8 bytes of length (little-endian), JSON, then the tensors' bytes without
// gaps. Throws ModelError that starts with `file`. Format: safetensors README, "Format".
SafetensorsHeader parse_safetensors_header(std::string_view bytes, const std::string& file) {
  return HeaderParser(file).parse(bytes);
}

}  // namespace

SafetensorsFile::SafetensorsFile(const std::filesystem::path& path) : file_(path), files_{path} {
  require_weights_content(file_.bytes(), path);
  const SafetensorsHeader header = parse_safetensors_header(file_.bytes(), path.string());
  const std::string_view data = file_.bytes().substr(header.data_begin);
  for (const StoredTensor& stored : header.tensors) {
    const auto begin = static_cast<std::size_t>(stored.begin);
    const auto size = static_cast<std::size_t>(stored.end - stored.begin);
    tensors_[stored.name] = {stored.dtype, stored.shape, data.substr(begin, size)};
  }
  for (const auto& entry : tensors_) names_.push_back(entry.first);
  metadata_ = header.metadata;
}

const TensorView* SafetensorsFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

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
