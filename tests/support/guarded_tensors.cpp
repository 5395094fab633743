#include "guarded_tensors.h"

#include <ATen/ATen.h>
#include <c10/core/CPUAllocator.h>

#include <cstdlib>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>
#include <vector>

namespace llmtool::testing {
namespace {

struct GuardedTensor {
  at::Tensor tensor;
  GuardedMemory* memory;  // lives as long as the tensor
};

std::vector<std::int64_t> strides_of(at::IntArrayRef sizes, std::int64_t row_stride) {
  std::vector<std::int64_t> strides(sizes.size(), 1);
  for (std::size_t i = sizes.size(); i-- > 1;) strides[i - 1] = strides[i] * sizes[i];
  if (row_stride > 0) strides.front() = row_stride;
  return strides;
}

GuardedTensor make_tensor(at::IntArrayRef sizes, at::ScalarType type, GuardedEnd end, std::int64_t row_stride) {
  const std::vector<std::int64_t> strides = strides_of(sizes, row_stride);
  std::int64_t count = 1;
  for (std::size_t i = 0; i < sizes.size(); ++i) count += (sizes[i] - 1) * strides[i];
  const std::size_t element_size = c10::elementSize(type);
  auto* const memory = new GuardedMemory(static_cast<std::size_t>(count) * element_size, end, element_size);
  const auto release = [memory](void*) { delete memory; };
  return {at::from_blob(memory->data(), sizes, strides, release, at::TensorOptions(type)), memory};
}

// LibTorch's own allocator gives 64 bytes; malloc, which nothing may need more of, 16.
constexpr std::size_t kAlignment = 16;

// Blocks by their address, which is all that who frees one knows.
class GuardedBlocks {
 public:
  void* add(std::unique_ptr<GuardedMemory> memory) {
    const std::lock_guard<std::mutex> lock(mutex_);
    void* const block = memory->data();
    blocks_.emplace(block, std::move(memory));
    return block;
  }
  // False for a block that is not here.
  bool remove(void* block) {
    const std::lock_guard<std::mutex> lock(mutex_);
    return blocks_.erase(block) > 0;
  }

 private:
  std::mutex mutex_;
  std::unordered_map<void*, std::unique_ptr<GuardedMemory>> blocks_;
};

// Never destroyed, as allocators are.
GuardedBlocks& guarded_blocks() {
  static auto* const blocks = new GuardedBlocks;
  return *blocks;
}

void free_guarded(void* block) {
  if (!guarded_blocks().remove(block)) std::free(block);
}

class GuardedAllocator : public c10::Allocator {
 public:
  explicit GuardedAllocator(GuardedEnd end) : end_(end) {}

  c10::DataPtr allocate(std::size_t size) override {
    void* const block = guarded_blocks().add(std::make_unique<GuardedMemory>(size, end_, kAlignment));
    return {block, block, free_guarded, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return free_guarded; }
  void copy_data(void* target, const void* source, std::size_t size) const override {
    default_copy_data(target, source, size);
  }

 private:
  GuardedEnd end_;
};

constexpr std::uint8_t kPriority = 1;  // above LibTorch's own

}  // namespace

at::Tensor guarded_operand(const at::Tensor& values, GuardedEnd end, std::int64_t row_stride) {
  const GuardedTensor copy = make_tensor(values.sizes(), values.scalar_type(), end, row_stride);
  copy.tensor.copy_(values);
  copy.memory->make_read_only();
  return copy.tensor;
}

at::Tensor guarded_result(at::IntArrayRef sizes, at::ScalarType type, GuardedEnd end, std::int64_t row_stride) {
  return make_tensor(sizes, type, end, row_stride).tensor;
}

bool has_nan_between_rows(const at::Tensor& result) {
  std::int64_t count = 1;
  for (std::int64_t i = 0; i < result.dim(); ++i) count += (result.size(i) - 1) * result.stride(i);
  const at::Tensor between = at::ones({count}, at::kBool);
  between.as_strided(result.sizes(), result.strides()).fill_(false);
  return result.as_strided({count}, {1}).isnan().logical_or(between.logical_not()).all().item<bool>();
}

GuardedAllocation::GuardedAllocation(GuardedEnd end) : former_(c10::GetCPUAllocator()) {
  // Never destroyed, as allocators are.
  static GuardedAllocator* const allocators[] = {new GuardedAllocator(GuardedEnd::kFirst),
                                                 new GuardedAllocator(GuardedEnd::kLast)};
  c10::SetCPUAllocator(allocators[static_cast<int>(end)], kPriority);
}

GuardedAllocation::~GuardedAllocation() { c10::SetCPUAllocator(former_, kPriority); }

}  // namespace llmtool::testing
