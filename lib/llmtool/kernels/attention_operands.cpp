#include "llmtool/kernels/attention_operands.h"

#include <stdexcept>
#include <utility>

namespace llmtool {
namespace {

// Checks that the tensors hold three blocks of equally many columns, and returns how many.
std::int64_t columns_of_a_block(const std::vector<at::Tensor>& tensors) {
  const char* const message = "attention needs queries, keys and values of one hidden size";
  std::int64_t columns = 0;
  for (const at::Tensor& tensor : tensors) {
    if (tensor.dim() != 2) throw std::invalid_argument(message);
    columns += tensor.size(1);
  }
  const std::int64_t size = columns / 3;
  if (size == 0 || columns % 3 != 0) throw std::invalid_argument(message);
  for (const at::Tensor& tensor : tensors)
    if (tensor.size(1) % size != 0) throw std::invalid_argument(message);
  if (tensors.size() == 2 && tensors.front().size(1) != size)
    throw std::invalid_argument("attention needs values where the keys are, beside them or in a tensor alike");
  return size;
}

}  // namespace

AttentionOperands::AttentionOperands(std::vector<at::Tensor> tensors)
    : tensors_(std::move(tensors)), hidden_size_(columns_of_a_block(tensors_)) {
  if (keys().size(0) != values().size(0)) throw std::invalid_argument("attention needs a value for every key");
}

at::Tensor AttentionOperands::block(std::int64_t index) const {
  std::int64_t first = index * hidden_size_;
  auto tensor = tensors_.begin();
  for (; first >= tensor->size(1); ++tensor) first -= tensor->size(1);
  return tensor->size(1) == hidden_size_ ? *tensor : tensor->narrow(1, first, hidden_size_);
}

}  // namespace llmtool
