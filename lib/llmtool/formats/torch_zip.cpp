#include "llmtool/formats/torch_zip.h"

#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/formats/strided_copy.h"
#include "llmtool/formats/tensor_size.h"
#include "llmtool/formats/unpickler.h"
#include "llmtool/formats/weights_content.h"
#include "llmtool/formats/zip_archive.h"

namespace llmtool {
namespace {

using Entries = std::map<std::string, std::string_view>;
using Kind = PickleValue::Kind;

constexpr std::string_view kZipMagic = "PK\x03\x04";
constexpr std::string_view kPickleName = "/data.pkl";

void require_zip(std::string_view bytes, const std::string& file) {
  if (bytes.starts_with(kZipMagic)) return;
  const bool is_old =
      bytes.starts_with("\x80\x02\x8a\x0a") || bytes.substr(0, 512).find("ustar") != std::string_view::npos;
  throw ModelError(
      file + (is_old ? ": written by torch.save before PyTorch 1.6" : ": not a file that torch.save writes (no zip)") +
      "; convert it with PyTorch: torch.save(torch.load(FILE, map_location=\"cpu\"), NEW_FILE)");
}

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

// Places the tensors that a pickle describes in the bytes of the zip's entries.
class TensorPlacer {
 public:
  TensorPlacer(const Entries& entries, std::string prefix, std::size_t file_size, const std::string& file)
      : entries_(entries), prefix_(std::move(prefix)), copy_budget_(file_size), file_(file) {}

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
    const auto found = entries_.find(prefix_ + "data/" + std::string(tensor.storage));
    if (found == entries_.end()) fail(name, "its data " + quote(tensor.storage) + " is not in the file");
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

  const Entries& entries_;
  std::string prefix_;
  std::size_t copy_budget_;
  const std::string& file_;
};

const PickleItems& state_dict_items(const PickleValue& value, const std::string& file) {
  if (value.kind != Kind::kDict) throw ModelError(file + ": it holds no dictionary of tensors (a state_dict)");
  return *value.items;
}

std::pair<std::string, const PickledTensor*> named_tensor(const PickleValue& key, const PickleValue& value,
                                                          const std::string& file) {
  if (key.kind != Kind::kText) throw ModelError(file + ": its dictionary has a key that is no text");
  if (value.kind != Kind::kTensor)
    throw ModelError(file + ": entry " + quote(key.text) +
                     " is no tensor; a flat state_dict is needed (of a training checkpoint save only the weights)");
  return {std::string(key.text), value.tensor};
}

}  // namespace

TorchZipFile::TorchZipFile(const std::filesystem::path& path) : file_(path), files_{path} {
  const std::string file = path.string();
  require_weights_content(file_.bytes(), path);
  require_zip(file_.bytes(), file);
  const Entries entries = read_stored_zip(file_.bytes(), file);
  const std::string prefix = archive_prefix(entries, file);
  require_little_endian(entries, prefix, file);
  PickleMemory memory;
  const PickleValue root = Unpickler(entries.at(prefix + "data.pkl"), memory, file).run();
  const PickleItems& items = state_dict_items(root, file);
  TensorPlacer placer(entries, prefix, file_.bytes().size(), file);
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    const auto [name, tensor] = named_tensor(items[i], items[i + 1], file);
    tensors_[name] = placer.place(name, *tensor, contiguous_copies_);
  }
  for (const auto& entry : tensors_) names_.push_back(entry.first);
}

const TensorView* TorchZipFile::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace llmtool
