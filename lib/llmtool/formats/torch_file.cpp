#include "llmtool/formats/torch_file.h"

#include <algorithm>
#include <array>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"
#include "llmtool/formats/strided_copy.h"
#include "llmtool/formats/tensor_size.h"
#include "llmtool/formats/torch_container.h"
#include "llmtool/formats/weights_content.h"

namespace llmtool {
namespace {

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
