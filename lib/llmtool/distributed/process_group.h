#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

namespace llmtool {

// The processes that train one model together. Every member is collective: all ranks call it in the same order.
// Implementations throw DeviceError naming the rank when a peer is lost.
class ProcessGroup {
 public:
  virtual ~ProcessGroup() = default;
  virtual std::int64_t rank() const = 0;
  virtual std::int64_t world_size() const = 0;
  // Replaces each value by its sum over all ranks, in place.
  virtual void sum_over_ranks(std::span<double> values) = 0;
  virtual void sum_over_ranks(const std::vector<at::Tensor>& tensors) = 0;
  // Returns when every rank has arrived.
  virtual void barrier() = 0;
};

// The group of one process: sums are what they were.
std::unique_ptr<ProcessGroup> make_single_process_group();

}  // namespace llmtool
