#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace llmtool {

// How sequences lie behind each other in packed rows: sequence i owns rows offsets()[i] up to offsets()[i + 1].
// Hidden states are [tokens, hidden] everywhere; only attention and the choice of a sequence's first row look in here.
class SequenceLayout {
 public:
  // Tensors are made on `device`. Throws std::invalid_argument for no sequence or a length below 1.
  explicit SequenceLayout(std::vector<std::int64_t> lengths, at::Device device = at::kCPU);
  // The sequences go on behind tokens that are not here: their first tokens have these positions.
  SequenceLayout(std::vector<std::int64_t> lengths, const std::vector<std::int64_t>& first_positions,
                 at::Device device);

  std::int64_t num_sequences() const { return static_cast<std::int64_t>(lengths_.size()); }
  std::int64_t num_tokens() const { return offsets_.back(); }
  std::int64_t max_length() const { return max_length_; }
  // All sequences are equally long, so that packed rows are a padded batch without padding.
  bool is_uniform() const { return num_tokens() == num_sequences() * max_length_; }

  const std::vector<std::int64_t>& lengths() const { return lengths_; }
  // sequences + 1 values, starting with 0.
  const std::vector<std::int64_t>& offsets() const { return offsets_; }

  // int64 [sequences]: the row of each sequence's first token.
  const at::Tensor& first_rows() const { return first_rows_; }
  // int64 [sequences]: the row of each sequence's last token.
  const at::Tensor& last_rows() const { return last_rows_; }
  // int64 [tokens]: place of each token in its sequence, from 0 or the first position.
  const at::Tensor& positions() const { return positions_; }

  // For operations on padded batches; undefined tensors when is_uniform().
  // int64 [sequences * max_length]: the packed row in each padded slot, a sequence's first row in slots beyond its end.
  const at::Tensor& padded_to_packed() const { return padded_to_packed_; }
  // int64 [tokens]: the padded slot of each packed row.
  const at::Tensor& packed_to_padded() const { return packed_to_padded_; }
  // bool [sequences, max_length]: true beyond a sequence's end.
  const at::Tensor& padding_mask() const { return padding_mask_; }

 private:
  void build_padding_maps(at::Device device);

  std::vector<std::int64_t> lengths_;
  std::vector<std::int64_t> offsets_;
  std::int64_t max_length_ = 0;
  at::Tensor first_rows_;
  at::Tensor last_rows_;
  at::Tensor positions_;
  at::Tensor padded_to_packed_;
  at::Tensor packed_to_padded_;
  at::Tensor padding_mask_;
};

}  // namespace llmtool
