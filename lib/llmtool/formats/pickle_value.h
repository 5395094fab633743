#pragma once

#include <cstdint>
#include <deque>
#include <string_view>
#include <vector>

#include "llmtool/formats/dtype.h"

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

}  // namespace llmtool
