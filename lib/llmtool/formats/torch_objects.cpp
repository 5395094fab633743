#include "llmtool/formats/torch_objects.h"

#include <algorithm>
#include <array>
#include <optional>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

using Kind = PickleValue::Kind;
using Name = std::string_view;

constexpr Name kOrderedDict = "collections\nOrderedDict";
constexpr Name kRebuildTensor2 = "torch._utils\n_rebuild_tensor_v2";
constexpr Name kRebuildTensor3 = "torch._utils\n_rebuild_tensor_v3";
constexpr Name kRebuildParameter = "torch._utils\n_rebuild_parameter";
constexpr Name kRebuildParameterWithState = "torch._utils\n_rebuild_parameter_with_state";
constexpr Name kRebuildFromType = "torch._tensor\n_rebuild_from_type_v2";
constexpr Name kTensorClass = "torch\nTensor";
constexpr Name kParameterClass = "torch.nn.parameter\nParameter";
constexpr Name kUntypedStorage = "torch.storage\nUntypedStorage";

constexpr std::array kStorages{
    std::pair{Name("torch\nFloatStorage"), DType::kF32},       std::pair{Name("torch\nDoubleStorage"), DType::kF64},
    std::pair{Name("torch\nHalfStorage"), DType::kF16},        std::pair{Name("torch\nBFloat16Storage"), DType::kBF16},
    std::pair{Name("torch\nLongStorage"), DType::kI64},        std::pair{Name("torch\nIntStorage"), DType::kI32},
    std::pair{Name("torch\nShortStorage"), DType::kI16},       std::pair{Name("torch\nCharStorage"), DType::kI8},
    std::pair{Name("torch\nByteStorage"), DType::kU8},         std::pair{Name("torch\nBoolStorage"), DType::kBool},
    std::pair{Name("torch\nComplexFloatStorage"), DType::kC64}};

constexpr std::size_t kMostDimensions = 64;    // as in PyTorch
constexpr std::size_t kMostTensors = 400'000;  // and storages

// Types without a storage class of their own come as bytes with the type beside them.
constexpr std::array kTypes{std::pair{Name("torch\nuint16"), DType::kU16},
                            std::pair{Name("torch\nuint32"), DType::kU32},
                            std::pair{Name("torch\nuint64"), DType::kU64},
                            std::pair{Name("torch\nfloat8_e5m2"), DType::kF8E5M2},
                            std::pair{Name("torch\nfloat8_e4m3fn"), DType::kF8E4M3},
                            std::pair{Name("torch\nfloat32"), DType::kF32},
                            std::pair{Name("torch\nfloat64"), DType::kF64},
                            std::pair{Name("torch\nfloat16"), DType::kF16},
                            std::pair{Name("torch\nbfloat16"), DType::kBF16},
                            std::pair{Name("torch\nint64"), DType::kI64},
                            std::pair{Name("torch\nint32"), DType::kI32},
                            std::pair{Name("torch\nint16"), DType::kI16},
                            std::pair{Name("torch\nint8"), DType::kI8},
                            std::pair{Name("torch\nuint8"), DType::kU8},
                            std::pair{Name("torch\nbool"), DType::kBool},
                            std::pair{Name("torch\ncomplex64"), DType::kC64}};

template <std::size_t size>
std::optional<DType> find_dtype(const std::array<std::pair<Name, DType>, size>& table, const PickleValue& value) {
  if (value.kind != Kind::kGlobal) return std::nullopt;
  for (const auto& [name, dtype] : table)
    if (name == value.text) return dtype;
  return std::nullopt;
}

[[noreturn]] void fail_damaged(const std::string& file, const std::string& what) {
  throw ModelError(file + ": damaged pickle: " + what + " is not described as torch.save does");
}

std::string dotted(std::string_view global) {
  std::string name(global);
  std::replace(name.begin(), name.end(), '\n', '.');
  return name;
}

bool is_int(const PickleValue& value) { return value.kind == Kind::kInt && value.number >= 0; }

// A tuple of non-negative numbers.
std::vector<std::int64_t> sizes_of(const PickleValue& tuple, const std::string& file) {
  if (tuple.kind != Kind::kTuple || tuple.items->size() > kMostDimensions) fail_damaged(file, "a tensor's shape");
  std::vector<std::int64_t> sizes;
  for (const PickleValue& size : *tuple.items) {
    if (!is_int(size)) fail_damaged(file, "a tensor's shape");
    sizes.push_back(size.number);
  }
  return sizes;
}

PickleValue remember(Kind kind, PickledTensor tensor, PickleMemory& memory, const std::string& file) {
  if (memory.tensors.size() == kMostTensors)
    throw ModelError(file + ": it holds more than " + std::to_string(kMostTensors) +
                     " tensors and storages, the most that are read");
  PickleValue value{kind};
  value.tensor = &memory.tensors.emplace_back(std::move(tensor));
  return value;
}

// (storage, offset, shape, strides, requires_grad, backward hooks[, element type in version 3][, metadata])
PickleValue rebuild_tensor(const PickleItems& arguments, bool has_dtype, PickleMemory& memory,
                           const std::string& file) {
  const bool described =
      arguments.size() >= (has_dtype ? 7 : 6) && arguments[0].kind == Kind::kStorage && is_int(arguments[1]);
  if (!described) fail_damaged(file, "a tensor");
  PickledTensor tensor = *arguments[0].tensor;
  tensor.is_rebuilt = true;
  if (has_dtype) {
    const auto dtype = find_dtype(kTypes, arguments[6]);
    if (!dtype || !tensor.untyped) fail_damaged(file, "a tensor's element type");
    tensor.num_elements /= static_cast<std::int64_t>(dtype_size(*dtype));
    tensor.dtype = *dtype;
  }
  tensor.offset = arguments[1].number;
  tensor.shape = sizes_of(arguments[2], file);
  tensor.strides = sizes_of(arguments[3], file);
  return remember(Kind::kTensor, std::move(tensor), memory, file);
}

// (function, class, its arguments, attributes), for a tensor with attributes of its own.
PickleValue rebuild_from_type(const PickleItems& arguments, PickleMemory& memory, const std::string& file) {
  const bool is_plain = arguments.size() == 4 && arguments[0].kind == Kind::kGlobal &&
                        arguments[0].text != kRebuildFromType && arguments[1].kind == Kind::kGlobal &&
                        (arguments[1].text == kTensorClass || arguments[1].text == kParameterClass);
  if (!is_plain) fail_damaged(file, "a tensor of a class of its own");
  return call_torch_function(arguments[0], arguments[2], memory, file);
}

// Old files end with what part of another storage it is: None, for a whole one.
bool has_storage_size(const PickleItems& items) {
  return items.size() == 5 || (items.size() == 6 && items[5].kind == Kind::kNone);
}

}  // namespace

void require_known_global(std::string_view global, const std::string& file) {
  const PickleValue value{Kind::kGlobal, 0, global};
  const bool known = global == kOrderedDict || global == kRebuildTensor2 || global == kRebuildTensor3 ||
                     global == kRebuildParameter || global == kRebuildParameterWithState ||
                     global == kRebuildFromType || global == kTensorClass || global == kParameterClass ||
                     global == kUntypedStorage || find_dtype(kStorages, value) || find_dtype(kTypes, value);
  if (!known)
    throw ModelError(file + ": the file wants to use the Python name " + quote(dotted(global)) +
                     "; refused, because a weights file needs only tensors in a dictionary (if you trust it, save its "
                     "state_dict as safetensors)");
}

PickleValue call_torch_function(const PickleValue& function, const PickleValue& arguments, PickleMemory& memory,
                                const std::string& file) {
  if (function.kind != Kind::kGlobal || arguments.kind != Kind::kTuple) fail_damaged(file, "an object");
  const PickleItems& items = *arguments.items;
  if (function.text == kRebuildTensor2) return rebuild_tensor(items, false, memory, file);
  if (function.text == kRebuildTensor3) return rebuild_tensor(items, true, memory, file);
  // What Python code had set on a parameter beside its values, the last argument, does not matter for the weights.
  const bool is_parameter = function.text == kRebuildParameter || function.text == kRebuildParameterWithState;
  if (is_parameter && !items.empty() && items[0].kind == Kind::kTensor) return items[0];
  if (function.text == kRebuildFromType) return rebuild_from_type(items, memory, file);
  if (function.text != kOrderedDict || !items.empty()) fail_damaged(file, "a call of " + quote(dotted(function.text)));
  PickleValue value{Kind::kDict};
  value.items = &memory.items.emplace_back();
  return value;
}

PickleValue torch_storage(const PickleValue& id, PickleMemory& memory, const std::string& file) {
  const bool described = id.kind == Kind::kTuple && has_storage_size(*id.items) && (*id.items)[0].kind == Kind::kText &&
                         (*id.items)[0].text == "storage" && (*id.items)[1].kind == Kind::kGlobal &&
                         (*id.items)[2].kind == Kind::kText && is_int((*id.items)[4]);
  if (!described) fail_damaged(file, "a storage");
  const PickleValue& storage_class = (*id.items)[1];
  const auto dtype = find_dtype(kStorages, storage_class);
  const bool untyped = storage_class.text == kUntypedStorage;
  if (!dtype && !untyped) fail_damaged(file, "a storage");
  PickledTensor storage;
  storage.dtype = dtype.value_or(DType::kU8);
  storage.untyped = untyped;
  storage.storage = (*id.items)[2].text;
  storage.num_elements = (*id.items)[4].number;
  return remember(Kind::kStorage, std::move(storage), memory, file);
}

}  // namespace llmtool
