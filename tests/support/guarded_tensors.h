#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>

#include "guarded_memory.h"

namespace llmtool::testing {

// A copy of `values` on guarded memory that may only be read. The rows of a matrix lie `row_stride` numbers apart (0:
// behind each other) with NaN between them.
at::Tensor guarded_operand(const at::Tensor& values, GuardedEnd end, std::int64_t row_stride = 0);

// NaN everywhere, on guarded memory.
at::Tensor guarded_result(at::IntArrayRef sizes, at::ScalarType type, GuardedEnd end, std::int64_t row_stride = 0);

// Nothing was written between the rows of a result.
bool has_nan_between_rows(const at::Tensor& result);

// While this lives, every new tensor on the CPU stands on guarded memory.
class GuardedAllocation {
 public:
  explicit GuardedAllocation(GuardedEnd end);
  ~GuardedAllocation();
  GuardedAllocation(const GuardedAllocation&) = delete;
  GuardedAllocation& operator=(const GuardedAllocation&) = delete;

 private:
  c10::Allocator* former_;
};

}  // namespace llmtool::testing
