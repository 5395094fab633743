#include "llmtool/formats/torch_file.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/formats/byte_cursor.h"
#include "llmtool/formats/tensor_source.h"
#include "llmtool/formats/unpickler.h"

namespace llmtool {
namespace {

constexpr std::uint32_t kLocalHeader = 0x04034b50;
constexpr std::uint32_t kCentralEntry = 0x02014b50;
constexpr std::uint32_t kZip64End = 0x06064b50;
constexpr std::uint32_t kZip64Locator = 0x07064b50;
constexpr std::string_view kEndSignature = "PK\x05\x06";
constexpr std::size_t kEndSize = 22;
constexpr std::size_t kZip64LocatorSize = 20;
constexpr std::size_t kLongestComment = 65535;
constexpr std::uint16_t kZip64Extra = 1;
constexpr std::uint32_t kInZip64 = 0xffffffff;

struct Directory {
  std::uint64_t num_entries = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;
};

struct Entry {
  std::uint16_t flags = 0;
  std::uint16_t method = 0;
  std::uint64_t stored_size = 0;
  std::uint64_t size = 0;
  std::uint64_t offset = 0;  // of the local header
  std::string name;
};

class ZipReader {
 public:
  ZipReader(std::string_view bytes, const std::string& file) : bytes_(bytes), file_(file) {}

  std::map<std::string, std::string_view> read() const {
    const Directory directory = find_directory();
    if (directory.offset > bytes_.size() || directory.size > bytes_.size() - directory.offset)
      fail("the directory lies outside of the file");
    ByteCursor cursor(bytes_.substr(0, directory.offset + directory.size), directory.offset, file_);
    std::map<std::string, std::string_view> contents;
    for (std::uint64_t i = 0; i < directory.num_entries; ++i) {
      const Entry entry = read_entry(cursor);
      if (!contents.emplace(entry.name, content_of(entry, directory.offset)).second)
        fail("two entries are named " + quote(entry.name));
    }
    if (cursor.position() != directory.offset + directory.size) fail("the directory has another size than it says");
    return contents;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const { throw ModelError(file_ + ": damaged zip: " + message); }
  ByteCursor cursor_at(std::uint64_t position) const { return {bytes_, position, file_}; }

  std::size_t find_end() const {
    const std::size_t lowest =
        bytes_.size() > kEndSize + kLongestComment ? bytes_.size() - kEndSize - kLongestComment : 0;
    std::size_t found = bytes_.rfind(kEndSignature);
    while (found != std::string_view::npos && found >= lowest) {
      const bool fits =
          bytes_.size() - found >= kEndSize && cursor_at(found + 20).u16() == bytes_.size() - found - kEndSize;
      if (fits) return found;
      if (found == 0) break;
      found = bytes_.rfind(kEndSignature, found - 1);
    }
    fail("no end record; the file is incomplete, fetch it again");
  }

  Directory find_directory() const {
    const std::size_t end = find_end();
    ByteCursor cursor = cursor_at(end + 4);
    if (cursor.u32() != 0) fail("it is split over several disks");
    Directory directory;
    const std::uint16_t num_here = cursor.u16();
    directory.num_entries = cursor.u16();
    directory.size = cursor.u32();
    directory.offset = cursor.u32();
    if (num_here != directory.num_entries) fail("it is split over several disks");
    const bool has_zip64 = end >= kZip64LocatorSize && cursor_at(end - kZip64LocatorSize).u32() == kZip64Locator;
    return has_zip64 ? zip64_directory(end - kZip64LocatorSize) : directory;
  }

  Directory zip64_directory(std::size_t locator) const {
    ByteCursor cursor = cursor_at(cursor_at(locator + 8).u64());
    if (cursor.u32() != kZip64End) fail("no zip64 end record where the locator points");
    cursor.take(20);  // size of the record, versions, disks
    Directory directory;
    const std::uint64_t num_here = cursor.u64();
    directory.num_entries = cursor.u64();
    directory.size = cursor.u64();
    directory.offset = cursor.u64();
    if (num_here != directory.num_entries) fail("it is split over several disks");
    return directory;
  }

  Entry read_entry(ByteCursor& cursor) const {
    if (cursor.u32() != kCentralEntry) fail("a directory entry has no signature");
    cursor.take(4);  // versions
    Entry entry;
    entry.flags = cursor.u16();
    entry.method = cursor.u16();
    cursor.take(8);  // time, date, checksum
    entry.stored_size = cursor.u32();
    entry.size = cursor.u32();
    const std::uint16_t name_size = cursor.u16();
    const std::uint16_t extra_size = cursor.u16();
    const std::uint16_t comment_size = cursor.u16();
    cursor.take(8);  // disk, attributes
    entry.offset = cursor.u32();
    entry.name = cursor.take(name_size);
    read_zip64_extra(cursor.take(extra_size), entry);
    cursor.take(comment_size);
    return entry;
  }

  // The extra field holds those of size, stored size and offset that did not fit 32 bits, in this order.
  void read_zip64_extra(std::string_view extra, Entry& entry) const {
    ByteCursor cursor(extra, 0, file_);
    while (cursor.position() + 4 <= extra.size()) {
      const std::uint16_t kind = cursor.u16();
      ByteCursor field(cursor.take(cursor.u16()), 0, file_);
      if (kind != kZip64Extra) continue;
      for (std::uint64_t* number : {&entry.size, &entry.stored_size, &entry.offset})
        if (*number == kInZip64) *number = field.u64();
      return;
    }
  }

  std::string_view content_of(const Entry& entry, std::uint64_t directory_offset) const {
    if (entry.flags & 1) fail("entry " + quote(entry.name) + " is encrypted");
    if (entry.method != 0)
      throw ModelError(file_ + ": entry " + quote(entry.name) +
                       " is compressed, which torch.save never does; save the weights again with torch.save");
    if (entry.stored_size != entry.size) fail("entry " + quote(entry.name) + " has two sizes");
    ByteCursor cursor = cursor_at(entry.offset);
    if (cursor.u32() != kLocalHeader) fail("entry " + quote(entry.name) + " is not where the directory says");
    cursor.take(22);
    const std::uint16_t name_size = cursor.u16();
    const std::uint16_t extra_size = cursor.u16();
    if (cursor.take(name_size) != entry.name) fail("entry " + quote(entry.name) + " has two names");
    cursor.take(extra_size);
    const std::string_view content = cursor.take(entry.size);
    if (cursor.position() > directory_offset) fail("entry " + quote(entry.name) + " reaches into the directory");
    return content;
  }

  std::string_view bytes_;
  const std::string& file_;
};

}  // namespace

std::map<std::string, std::string_view> read_stored_zip(std::string_view bytes, const std::string& file) {
  return ZipReader(bytes, file).read();
}

namespace {

// What torch.save wrote: the value that was saved, and the bytes of its storages by key.
struct TorchContent {
  PickleValue root;
  std::map<std::string, std::string_view, std::less<>> storages;
};

using Entries = std::map<std::string, std::string_view>;
using Kind = PickleValue::Kind;

constexpr std::string_view kZipMagic = "PK\x03\x04";
constexpr std::string_view kPickleName = "/data.pkl";
constexpr std::string_view kStorageFolder = "data/";
// A pickle of the number that serialization.py calls MAGIC_NUMBER.
constexpr std::string_view kOldMagic("\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.", 15);
constexpr std::int64_t kOldVersion = 1001;

// The folder inside of the zip, with its slash: its name is that under which the file was first saved.
std::string archive_prefix(const Entries& entries, const std::string& file) {
  for (const auto& entry : entries)
    if (entry.first.ends_with(kPickleName) && entry.first.find('/') == entry.first.size() - kPickleName.size())
      return entry.first.substr(0, entry.first.size() - kPickleName.size() + 1);
  throw ModelError(file + ": a zip without data.pkl; this is not a file of torch.save");
}

void require_little_endian(const Entries& entries, const std::string& prefix, const std::string& file) {
  const auto order = entries.find(prefix + "byteorder");
  if (order != entries.end() && order->second != "little")
    throw ModelError(file + ": its byte order is " + quote(order->second) + "; only little-endian files are supported");
}

TorchContent read_zip(std::string_view bytes, PickleMemory& memory, const std::string& file) {
  const Entries entries = read_stored_zip(bytes, file);
  const std::string prefix = archive_prefix(entries, file);
  require_little_endian(entries, prefix, file);
  TorchContent content;
  content.root = Unpickler(entries.at(prefix + "data.pkl"), memory, file).run();
  const std::string folder = prefix + std::string(kStorageFolder);
  for (const auto& [name, storage] : entries)
    if (name.starts_with(folder)) content.storages.emplace(name.substr(folder.size()), storage);
  return content;
}

// The pickles of an old file, one behind the other.
class OldFileReader {
 public:
  OldFileReader(std::string_view bytes, PickleMemory& memory, const std::string& file)
      : bytes_(bytes), memory_(memory), file_(file) {}

  TorchContent read() {
    if (const PickleValue version = next_pickle(); version.kind != Kind::kInt || version.number != kOldVersion)
      fail("its version is not " + std::to_string(kOldVersion));
    require_little_endian(next_pickle());
    TorchContent content;
    content.root = next_pickle();
    read_storages(next_pickle(), content);
    return content;
  }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    throw ModelError(file_ + ": damaged file of torch.save: " + message);
  }

  PickleValue next_pickle() {
    Unpickler unpickler(bytes_.substr(position_), memory_, file_);
    const PickleValue value = unpickler.run();
    position_ += unpickler.position();
    return value;
  }

  void require_little_endian(const PickleValue& system) const {
    if (system.kind != Kind::kDict) fail("it does not describe the system it was written on");
    for (std::size_t i = 0; i + 1 < system.items->size(); i += 2)
      if ((*system.items)[i].text == "little_endian" && (*system.items)[i + 1].number == 0)
        throw ModelError(file_ + ": it was written big-endian; only little-endian files are supported");
  }

  // For each key the number of elements, then their bytes. How wide an element is, the tensors say.
  void read_storages(const PickleValue& keys, TorchContent& content) {
    if (keys.kind != Kind::kList) fail("there is no list of its storages");
    std::map<std::string_view, std::size_t> element_sizes;
    for (const PickledTensor& tensor : memory_.tensors)
      if (!tensor.is_rebuilt) element_sizes[tensor.storage] = dtype_size(tensor.dtype);
    ByteCursor cursor(bytes_, position_, file_);
    for (const PickleValue& key : *keys.items) {
      const auto element_size = element_sizes.find(key.text);
      if (key.kind != Kind::kText || element_size == element_sizes.end())
        fail("it holds a storage that no tensor uses");
      std::uint64_t num_bytes = 0;
      if (__builtin_mul_overflow(cursor.u64(), element_size->second, &num_bytes)) fail("the size of a storage");
      content.storages[std::string(key.text)] = cursor.take(num_bytes);
    }
  }

  std::string_view bytes_;
  std::size_t position_ = kOldMagic.size();
  PickleMemory& memory_;
  const std::string& file_;
};

// The content of a whole file, a zip (PyTorch 1.6 and later) or pickles behind each other, then the storages (before).
// `bytes` and `memory` must outlive it. Throws ModelError that starts with `file`.
TorchContent read_torch_content(std::string_view bytes, PickleMemory& memory, const std::string& file) {
  if (bytes.starts_with(kZipMagic)) return read_zip(bytes, memory, file);
  if (bytes.starts_with(kOldMagic)) return OldFileReader(bytes, memory, file).read();
  const bool is_tar = bytes.substr(0, 512).find("ustar") != std::string_view::npos;
  throw ModelError(file + (is_tar ? ": written by torch.save before PyTorch 0.1.10; convert it with PyTorch: "
                                    "torch.save(torch.load(FILE, map_location=\"cpu\"), NEW_FILE)"
                                  : ": not a file that torch.save writes"));
}

// True when a tensor of these strides (in elements) is row-major without gaps.
bool is_contiguous(const std::vector<std::int64_t>& shape, const std::vector<std::int64_t>& strides) {
  std::int64_t expected = 1;
  for (std::size_t axis = shape.size(); axis-- > 0;) {
    if (shape[axis] != 1 && strides[axis] != expected) return false;
    expected *= shape[axis];
  }
  return true;
}

// The elements in row-major order. `first` starts at the tensor's first element and must reach its last one.
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

using Kind = PickleValue::Kind;

constexpr std::array<std::string_view, 3> kWeightKeys{"state_dict", "model_state_dict", "model"};
constexpr int kDeepestNesting = 4;

// Places the tensors that a pickle describes in the bytes of the file's storages.
class TensorPlacer {
 public:
  TensorPlacer(const TorchContent& content, std::size_t file_size, const std::string& file)
      : content_(content), copy_budget_(file_size), file_(file) {}

  TensorView place(const std::string& name, const PickledTensor& tensor, std::deque<std::string>& copies) {
    const std::size_t element_size = dtype_size(tensor.dtype);
    const std::string_view storage = storage_of(name, tensor);
    const std::size_t num_bytes = checked_size(name, tensor);
    if (num_bytes == 0) return {tensor.dtype, tensor.shape, {}};
    const std::string_view first = storage.substr(static_cast<std::size_t>(tensor.offset) * element_size);
    if (is_contiguous(tensor.shape, tensor.strides)) return {tensor.dtype, tensor.shape, first.substr(0, num_bytes)};
    // A hostile file could ask for the same large transposed tensor over and over.
    if (num_bytes > copy_budget_) fail(name, "the strided tensors add up to more than the file; save them contiguous");
    copy_budget_ -= num_bytes;
    copies.push_back(contiguous_copy(first, element_size, tensor.shape, tensor.strides));
    return {tensor.dtype, tensor.shape, copies.back()};
  }

 private:
  [[noreturn]] void fail(const std::string& name, const std::string& message) const {
    throw ModelError(file_ + ": tensor " + quote(name) + ": " + message);
  }

  std::string_view storage_of(const std::string& name, const PickledTensor& tensor) const {
    const auto found = content_.storages.find(tensor.storage);
    if (found == content_.storages.end()) fail(name, "its data " + quote(tensor.storage) + " is not in the file");
    const std::size_t element_size = dtype_size(tensor.dtype);
    if (found->second.size() / element_size != static_cast<std::size_t>(tensor.num_elements))
      fail(name, "its data has " + std::to_string(found->second.size()) + " bytes, but should have " +
                     std::to_string(tensor.num_elements) + " elements of " + std::to_string(element_size));
    return found->second;
  }

  // Number of bytes, after proving that every element lies inside of the storage.
  std::size_t checked_size(const std::string& name, const PickledTensor& tensor) const {
    const auto num_bytes = tensor_num_bytes(tensor.dtype, tensor.shape);
    if (!num_bytes || tensor.shape.size() != tensor.strides.size()) fail(name, "its shape is damaged");
    if (*num_bytes == 0) return 0;
    std::int64_t last = tensor.offset;
    for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
      std::int64_t reach = 0;
      if (__builtin_mul_overflow(tensor.shape[axis] - 1, tensor.strides[axis], &reach) ||
          __builtin_add_overflow(last, reach, &last))
        fail(name, "its strides overflow 64 bits");
    }
    if (last >= tensor.num_elements) fail(name, "it reaches beyond its data");
    return static_cast<std::size_t>(*num_bytes);
  }

  const TorchContent& content_;
  std::size_t copy_budget_;
  const std::string& file_;
};

bool holds_tensors(const PickleValue& value) {
  if (value.kind != Kind::kDict) return false;
  for (std::size_t i = 1; i < value.items->size(); i += 2)
    if ((*value.items)[i].kind == Kind::kTensor) return true;
  return false;
}

// The dictionaries under the keys that training loops save weights under.
std::vector<std::pair<std::string_view, PickleValue>> wrapped_weights(const PickleValue& value) {
  std::vector<std::pair<std::string_view, PickleValue>> found;
  for (std::size_t i = 0; i + 1 < value.items->size(); i += 2) {
    const PickleValue& key = (*value.items)[i];
    const bool is_known =
        key.kind == Kind::kText && std::find(kWeightKeys.begin(), kWeightKeys.end(), key.text) != kWeightKeys.end();
    if (is_known && (*value.items)[i + 1].kind == Kind::kDict) found.emplace_back(key.text, (*value.items)[i + 1]);
  }
  return found;
}

// The dictionary of tensors: what was saved, or what a checkpoint of a training holds under one of the usual keys.
const PickleItems& state_dict_items(PickleValue value, const std::string& file) {
  if (value.kind != Kind::kDict) throw ModelError(file + ": it holds no dictionary of tensors (a state_dict)");
  for (int level = 0; level < kDeepestNesting && !holds_tensors(value); ++level) {
    const auto wrapped = wrapped_weights(value);
    if (wrapped.empty()) break;
    if (wrapped.size() > 1)
      throw ModelError(file + ": it holds weights under several keys, " +
                       listed(wrapped, [](const auto& entry) { return quote(entry.first); }) +
                       "; save the one that is meant alone");
    value = wrapped.front().second;
  }
  return *value.items;
}

std::pair<std::string, const PickledTensor*> named_tensor(const PickleValue& key, const PickleValue& value,
                                                          const std::string& file) {
  if (key.kind != Kind::kText) throw ModelError(file + ": its dictionary has a key that is no text");
  if (value.kind != Kind::kTensor)
    throw ModelError(file + ": entry " + quote(key.text) +
                     " is no tensor; weights must stand in one dictionary, alone or under " +
                     listed(kWeightKeys, quote) + " of a training's checkpoint");
  return {std::string(key.text), value.tensor};
}

}  // namespace

TorchFile::TorchFile(const std::filesystem::path& path) : file_(path), files_{path} {
  const std::string file = path.string();
  require_weights_content(file_.bytes(), path);
  PickleMemory memory;
  const TorchContent content = read_torch_content(file_.bytes(), memory, file);
  const PickleItems& items = state_dict_items(content.root, file);
  TensorPlacer placer(content, file_.bytes().size(), file);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto [name, tensor] = named_tensor(items[i], items[i + 1], file);
    tensors_[name] = placer.place(name, *tensor, contiguous_copies_);
  }
  for (const auto& entry : tensors_) names_.push_back(entry.first);
}

const TensorView* TorchFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace llmtool
