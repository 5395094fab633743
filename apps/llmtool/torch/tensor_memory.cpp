#include "torch/tensor_memory.h"

#include <c10/core/CPUAllocator.h>
#include <c10/core/impl/alloc_cpu.h>
#include <malloc.h>
#include <unistd.h>

#include "llmtool/core/block_cache.h"

namespace llmtool::app {
namespace {

// Tensors of every length mix with small, long-lived blocks: on the heap, large ones would leave gaps that a long run
// never gets back. Blocks from this size on are mapped by themselves, those of tensors kept for the next; glibc would
// raise the limit to 32 MiB. Smaller ones the heap keeps: giving them back to the system would cost a page fault for
// each page.
constexpr std::size_t kSmallestMapped = std::size_t{4} << 20;
constexpr int kKeptFree = 256 << 20;
constexpr std::size_t kMayGrowHeap = std::size_t{64} << 10;

// Never destroyed, as the allocator: tensors may be made and freed until the process ends.
BlockCache& cache() {
  static auto* const blocks = new BlockCache({c10::alloc_cpu, c10::free_cpu});
  return *blocks;
}

std::size_t heap_size() {
  static const auto* const start = static_cast<const char*>(sbrk(0));
  return static_cast<std::size_t>(static_cast<const char*>(sbrk(0)) - start);
}

void* allocate_from_heap(std::size_t size) {
  void* const block = c10::alloc_cpu(size);
  if (size >= kMayGrowHeap) cache().set_elsewhere(heap_size());
  return block;
}

void free_large(void* block) { cache().free(block); }

void free_any(void* block) {
  if (!cache().free(block)) c10::free_cpu(block);
}

class TensorMemory : public c10::Allocator {
 public:
  c10::DataPtr allocate(std::size_t size) override {
    const bool is_large = size >= kSmallestMapped;
    void* const block = is_large ? cache().allocate(size) : allocate_from_heap(size);
    return {block, block, is_large ? free_large : c10::free_cpu, c10::Device(c10::DeviceType::CPU)};
  }
  c10::DeleterFnPtr raw_deleter() const override { return free_any; }
  void copy_data(void* target, const void* source, std::size_t size) const override {
    default_copy_data(target, source, size);
  }
};

}  // namespace

void keep_tensor_memory() {
  mallopt(M_MMAP_THRESHOLD, static_cast<int>(kSmallestMapped));
  mallopt(M_TRIM_THRESHOLD, kKeptFree);
  static auto* const memory = new TensorMemory;
  constexpr std::uint8_t kPriority = 1;  // above LibTorch's own
  c10::SetCPUAllocator(memory, kPriority);
}

}  // namespace llmtool::app
