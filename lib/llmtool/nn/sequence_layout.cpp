#include "llmtool/nn/sequence_layout.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace llmtool {
namespace {

at::Tensor index_tensor(const std::vector<std::int64_t>& values, at::Device device) {
  return at::tensor(values, at::TensorOptions().dtype(at::kLong)).to(device);
}

}  // namespace

SequenceLayout::SequenceLayout(std::vector<std::int64_t> lengths, at::Device device)
    : SequenceLayout(std::move(lengths), {}, device) {}

SequenceLayout::SequenceLayout(std::vector<std::int64_t> lengths, const std::vector<std::int64_t>& first_positions,
                               at::Device device)
    : lengths_(std::move(lengths)) {
  if (lengths_.empty()) throw std::invalid_argument("a sequence layout needs at least one sequence");
  offsets_.reserve(lengths_.size() + 1);
  offsets_.push_back(0);
  std::vector<std::int64_t> positions;
  for (std::size_t sequence = 0; sequence < lengths_.size(); ++sequence) {
    const std::int64_t length = lengths_[sequence];
    const std::int64_t first = first_positions.empty() ? 0 : first_positions.at(sequence);
    if (length < 1) throw std::invalid_argument("a sequence of length " + std::to_string(length) + " in a layout");
    for (std::int64_t position = 0; position < length; ++position) positions.push_back(first + position);
    offsets_.push_back(offsets_.back() + length);
    max_length_ = std::max(max_length_, length);
  }
  positions_ = index_tensor(positions, device);
  first_rows_ = index_tensor({offsets_.begin(), offsets_.end() - 1}, device);
  last_rows_ = index_tensor({offsets_.begin() + 1, offsets_.end()}, device) - 1;
  if (!is_uniform()) build_padding_maps(device);
}

void SequenceLayout::build_padding_maps(at::Device device) {
  std::vector<std::int64_t> padded_to_packed;
  std::vector<std::int64_t> packed_to_padded;
  at::Tensor mask = at::zeros({num_sequences(), max_length_}, at::kBool);
  for (std::int64_t sequence = 0; sequence < num_sequences(); ++sequence) {
    const std::int64_t length = lengths_[sequence];
    for (std::int64_t position = 0; position < max_length_; ++position) {
      padded_to_packed.push_back(offsets_[sequence] + (position < length ? position : 0));
      if (position < length) packed_to_padded.push_back(sequence * max_length_ + position);
    }
    mask.select(0, sequence).narrow(0, length, max_length_ - length).fill_(true);
  }
  padded_to_packed_ = index_tensor(padded_to_packed, device);
  packed_to_padded_ = index_tensor(packed_to_padded, device);
  padding_mask_ = mask.to(device);
}

}  // namespace llmtool
