#include "llmtool/formats/torch_container.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/formats/byte_cursor.h"
#include "llmtool/formats/unpickler.h"
#include "llmtool/formats/zip_archive.h"

namespace llmtool {
namespace {

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

}  // namespace

TorchContent read_torch_content(std::string_view bytes, PickleMemory& memory, const std::string& file) {
  if (bytes.starts_with(kZipMagic)) return read_zip(bytes, memory, file);
  if (bytes.starts_with(kOldMagic)) return OldFileReader(bytes, memory, file).read();
  const bool is_tar = bytes.substr(0, 512).find("ustar") != std::string_view::npos;
  throw ModelError(file + (is_tar ? ": written by torch.save before PyTorch 0.1.10; convert it with PyTorch: "
                                    "torch.save(torch.load(FILE, map_location=\"cpu\"), NEW_FILE)"
                                  : ": not a file that torch.save writes"));
}

}  // namespace llmtool
