#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "llmtool/formats/byte_cursor.h"
#include "llmtool/formats/tensor_source.h"

namespace llmtool {

struct PickleValue;
struct PickledTensor;
// Elements of a tuple or list; keys and values in turn of a dictionary.
using PickleItems = std::vector<PickleValue>;

// A value on the unpickler's stack. Cheap to copy: texts point into the pickle, the rest into PickleMemory.
struct PickleValue {
  enum class Kind { kNone, kBool, kInt, kFloat, kText, kTuple, kList, kDict, kGlobal, kStorage, kTensor };
  Kind kind = Kind::kNone;
  std::int64_t number = 0;          // kBool, kInt
  std::string_view text;            // kText; kGlobal: module, line end, name
  PickleItems* items = nullptr;     // kTuple, kList, kDict
  PickledTensor* tensor = nullptr;  // kTensor; kStorage: only dtype, storage and num_elements
};

// A tensor as torch.save describes it; sizes, strides and offset count elements.
struct PickledTensor {
  DType dtype = DType::kF32;
  bool is_rebuilt = false;        // a tensor; otherwise the storage alone
  bool untyped = false;           // a storage of bytes whose element type the tensor tells
  std::string_view storage;       // key of its bytes: data/<key>
  std::int64_t num_elements = 0;  // in the storage
  std::int64_t offset = 0;
  std::vector<std::int64_t> shape;
  std::vector<std::int64_t> strides;
};

// Owns what values point to: a pickle can build cycles, so values own nothing themselves.
struct PickleMemory {
  std::deque<PickleItems> items;
  std::deque<PickledTensor> tensors;
};

// Runs a pickle of protocol 2 as torch.save writes it. There is no way to call anything: the only functions are those
// that unpickler.cpp lists, which build dictionaries and tensor descriptions. Throws ModelError that starts with `file`
// and names the function or instruction that is refused; of kMostInstructions, more of which no file of weights needs,
// each takes some bytes of memory. `pickle` and `memory` must outlive the result.
class Unpickler {
 public:
  static constexpr std::int64_t kMostInstructions = 4'000'000;

  Unpickler(std::string_view pickle, PickleMemory& memory, const std::string& file)
      : cursor_(pickle, 0, file), memory_(memory), file_(file) {}

  PickleValue run();
  // Behind what run() has read.
  std::size_t position() const { return cursor_.position(); }

 private:
  using Kind = PickleValue::Kind;

  bool push_constant(char instruction);
  bool push_container(char instruction);
  bool use_memo(char instruction);
  bool change_container(char instruction);
  bool build_object(char instruction);

  void push(PickleValue value) { stack_.push_back(value); }
  PickleValue pop();
  PickleValue& top();
  // Takes everything above the last mark off the stack.
  PickleItems pop_to_mark();
  PickleItems pop_many(std::size_t count);
  PickleValue container(Kind kind, PickleItems items);
  PickleValue integer(std::size_t num_bytes);
  void extend(Kind kind, PickleItems items);
  void set_state();
  [[noreturn]] void fail(const std::string& message) const;

  ByteCursor cursor_;
  PickleMemory& memory_;
  const std::string& file_;
  PickleItems stack_;
  std::vector<std::size_t> marks_;
  std::unordered_map<std::uint64_t, PickleValue> memo_;
};

}  // namespace llmtool
