#include "llmtool/formats/unpickler.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <iterator>
#include <optional>
#include <utility>

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

// What a function of torch returns for a tuple of arguments: a dictionary or a tensor.
PickleValue call_torch_function(const PickleValue& function, const PickleValue& arguments, PickleMemory& memory,
                                const std::string& file);

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

// The Python names a weights file may use: collections.OrderedDict, torch._utils._rebuild_tensor_v2 (and _v3,
// _rebuild_parameter, _rebuild_parameter_with_state, torch._tensor._rebuild_from_type_v2 for tensors and parameters),
// storage classes and element types. Everything else throws ModelError naming it. A global is
// written module, line end, name.
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

// The storage that the persistent id ("storage", class, key, device, number of elements) names.
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

// Instructions, named as in Python's pickle.py.
namespace op {
constexpr char kProto = '\x80', kStop = '.', kMark = '(', kPop = '0';
constexpr char kNone = 'N', kNewTrue = '\x88', kNewFalse = '\x89';
constexpr char kBinInt = 'J', kBinInt1 = 'K', kBinInt2 = 'M', kLong1 = '\x8a', kBinFloat = 'G', kBinUnicode = 'X';
constexpr char kEmptyTuple = ')', kTuple = 't', kTuple1 = '\x85', kTuple2 = '\x86', kTuple3 = '\x87';
constexpr char kEmptyList = ']', kEmptyDict = '}';
constexpr char kAppend = 'a', kAppends = 'e', kSetItem = 's', kSetItems = 'u';
constexpr char kBinPut = 'q', kLongBinPut = 'r', kBinGet = 'h', kLongBinGet = 'j';
constexpr char kGlobal = 'c', kReduce = 'R', kBuild = 'b', kBinPersId = 'Q';
}  // namespace op

constexpr unsigned char kProtocol = 2;

std::string in_hexadecimal(char instruction) {
  char text[5];
  std::snprintf(text, sizeof(text), "0x%02x", static_cast<unsigned char>(instruction));
  return text;
}

}  // namespace

void Unpickler::fail(const std::string& message) const { throw ModelError(file_ + ": " + message); }

PickleValue Unpickler::run() {
  if (cursor_.take(1)[0] != op::kProto || cursor_.number(1) != kProtocol)
    fail("the pickle in it is not of protocol 2, which torch.save writes; save the weights again");
  for (std::int64_t count = 0; count < kMostInstructions; ++count) {
    const char instruction = cursor_.take(1)[0];
    if (instruction == op::kStop) return pop();
    const bool known = push_constant(instruction) || push_container(instruction) || use_memo(instruction) ||
                       change_container(instruction) || build_object(instruction);
    if (!known)
      fail("the pickle in it uses the instruction " + in_hexadecimal(instruction) +
           ", which no weights file needs; refused");
  }
  fail("the pickle in it has more than " + std::to_string(kMostInstructions) +
       " instructions, the most that are read; save the weights alone");
}

PickleValue Unpickler::pop() {
  const PickleValue value = top();
  stack_.pop_back();
  return value;
}

PickleValue& Unpickler::top() {
  if (stack_.empty() || (!marks_.empty() && marks_.back() == stack_.size()))
    fail("damaged pickle: it takes a value where there is none");
  return stack_.back();
}

PickleItems Unpickler::pop_to_mark() {
  if (marks_.empty()) fail("damaged pickle: it looks for a mark where there is none");
  const auto begin = stack_.begin() + static_cast<std::ptrdiff_t>(marks_.back());
  marks_.pop_back();
  PickleItems items(begin, stack_.end());
  stack_.erase(begin, stack_.end());
  return items;
}

PickleItems Unpickler::pop_many(std::size_t count) {
  PickleItems items(count);
  while (count > 0) items[--count] = pop();
  return items;
}

PickleValue Unpickler::container(Kind kind, PickleItems items) {
  PickleValue value{kind};
  value.items = &memory_.items.emplace_back(std::move(items));
  return value;
}

// Two's complement of up to 8 bytes.
PickleValue Unpickler::integer(std::size_t num_bytes) {
  if (num_bytes > 8) fail("damaged pickle: an integer of " + std::to_string(num_bytes) + " bytes");
  if (num_bytes == 0) return {Kind::kInt, 0};
  const auto unused_bits = static_cast<int>(64 - 8 * num_bytes);
  const std::uint64_t bits = cursor_.number(num_bytes) << unused_bits;
  return {Kind::kInt, static_cast<std::int64_t>(bits) >> unused_bits};
}

bool Unpickler::push_constant(char instruction) {
  switch (instruction) {
    case op::kNone:
      push({Kind::kNone});
      return true;
    case op::kNewTrue:
    case op::kNewFalse:
      push({Kind::kBool, instruction == op::kNewTrue});
      return true;
    case op::kBinInt:
      push(integer(4));
      return true;
    case op::kBinInt1:
      push({Kind::kInt, static_cast<std::int64_t>(cursor_.number(1))});
      return true;
    case op::kBinInt2:
      push({Kind::kInt, cursor_.u16()});
      return true;
    case op::kLong1:
      push(integer(cursor_.number(1)));
      return true;
    case op::kBinFloat:
      cursor_.take(8);
      push({Kind::kFloat});
      return true;
    case op::kBinUnicode:
      push({Kind::kText, 0, cursor_.take(cursor_.u32())});
      return true;
    default:
      return false;
  }
}

bool Unpickler::push_container(char instruction) {
  switch (instruction) {
    case op::kMark:
      marks_.push_back(stack_.size());
      return true;
    case op::kEmptyTuple:
      push(container(Kind::kTuple, {}));
      return true;
    case op::kTuple:
      push(container(Kind::kTuple, pop_to_mark()));
      return true;
    case op::kTuple1:
    case op::kTuple2:
    case op::kTuple3:
      push(container(Kind::kTuple, pop_many(static_cast<std::size_t>(instruction - op::kTuple1) + 1)));
      return true;
    case op::kEmptyList:
      push(container(Kind::kList, {}));
      return true;
    case op::kEmptyDict:
      push(container(Kind::kDict, {}));
      return true;
    default:
      return false;
  }
}

bool Unpickler::use_memo(char instruction) {
  const bool is_long = instruction == op::kLongBinPut || instruction == op::kLongBinGet;
  if (instruction == op::kBinPut || instruction == op::kLongBinPut) {
    memo_[cursor_.number(is_long ? 4 : 1)] = top();
    return true;
  }
  if (instruction != op::kBinGet && instruction != op::kLongBinGet) return false;
  const auto found = memo_.find(cursor_.number(is_long ? 4 : 1));
  if (found == memo_.end()) fail("damaged pickle: it recalls a value that was never stored");
  push(found->second);
  return true;
}

bool Unpickler::change_container(char instruction) {
  switch (instruction) {
    case op::kAppend:
      extend(Kind::kList, pop_many(1));
      return true;
    case op::kAppends:
      extend(Kind::kList, pop_to_mark());
      return true;
    case op::kSetItem:
      extend(Kind::kDict, pop_many(2));
      return true;
    case op::kSetItems:
      extend(Kind::kDict, pop_to_mark());
      return true;
    default:
      return false;
  }
}

void Unpickler::extend(Kind kind, PickleItems items) {
  if (top().kind != kind) fail("damaged pickle: it adds items to something that has none");
  if (kind == Kind::kDict && items.size() % 2 != 0) fail("damaged pickle: a dictionary key without value");
  PickleItems& target = *top().items;
  target.insert(target.end(), items.begin(), items.end());
}

bool Unpickler::build_object(char instruction) {
  switch (instruction) {
    case op::kPop:
      pop();
      return true;
    case op::kGlobal: {
      const std::string_view module = cursor_.take_until('\n');
      const std::string_view name = cursor_.take_until('\n');
      push({Kind::kGlobal, 0, {module.data(), module.size() + 1 + name.size()}});
      require_known_global(top().text, file_);
      return true;
    }
    case op::kReduce: {
      const PickleValue arguments = pop();
      const PickleValue function = pop();
      push(call_torch_function(function, arguments, memory_, file_));
      return true;
    }
    case op::kBinPersId:
      push(torch_storage(pop(), memory_, file_));
      return true;
    case op::kBuild:
      set_state();
      return true;
    default:
      return false;
  }
}

// A state dict carries attributes (_metadata with version numbers) that do not matter for the weights.
void Unpickler::set_state() {
  pop();
  if (top().kind != Kind::kDict) fail("the pickle in it sets the state of an object; only tensors are read; refused");
}

}  // namespace llmtool
