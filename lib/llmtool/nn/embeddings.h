#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "llmtool/nn/layers.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// Gives a table `num_rows` rows in place: new ones are the mean of the old, surplus ones go.
void resize_rows(at::Tensor& table, std::int64_t num_rows);

// A table of rows looked up by id. Parameters uninitialised. The gradient of a large table on the CPU is sparse: it has
// the rows that were read.
class Embedding : public torch::nn::Module, public KernelUser {
 public:
  // The row of `padding_id` gets no gradient.
  Embedding(std::int64_t num_rows, std::int64_t size, std::optional<std::int64_t> padding_id, at::Device device);

  // int64 [tokens] -> [tokens, size]. Ids must lie within the table.
  at::Tensor forward(const at::Tensor& ids) const;

  const std::optional<std::int64_t>& padding_id() const { return padding_id_; }

  at::Tensor weight;  // [num_rows, size]

 private:
  bool has_sparse_gradient() const;

  std::optional<std::int64_t> padding_id_;
};

struct TextEmbeddingsOptions {
  std::int64_t vocabulary_size = 0;
  std::int64_t num_positions = 0;
  std::int64_t num_types = 0;  // 0: no segment types
  std::int64_t hidden_size = 0;
  std::optional<std::int64_t> padding_id;
  // RoBERTa's numbering: tokens take the position rows after that of padding_id, which every padding id takes.
  bool counts_from_padding = false;
  bool positions_are_sinusoidal = false;  // fixed, without parameters
  double word_scale = 1.0;                // of the word rows
  double dropout = 0.0;
  bool has_layer_norm = true;
  double layer_norm_epsilon = 1e-12;
};

// Sum of word, position and segment type rows, then LayerNorm and dropout (BERT, Devlin et al., 2018); types and
// LayerNorm only where a family has them.
class TextEmbeddings : public torch::nn::Module {
 public:
  TextEmbeddings(const TextEmbeddingsOptions& options, at::Device device);

  // int64 [tokens] each; undefined type_ids mean type 0 everywhere, without types they are ignored. Returns
  // [tokens, hidden].
  at::Tensor forward(const at::Tensor& input_ids, const at::Tensor& type_ids, const SequenceLayout& layout) const;

  std::shared_ptr<Embedding> word;
  std::shared_ptr<Embedding> position;    // null where they are sinusoidal
  std::shared_ptr<Embedding> type;        // null without types
  std::shared_ptr<LayerNorm> layer_norm;  // null without one

 private:
  // [tokens, hidden]
  at::Tensor position_rows(const at::Tensor& input_ids, const SequenceLayout& layout) const;
  // Places in the position table, int64 [tokens].
  at::Tensor position_ids(const at::Tensor& input_ids, const SequenceLayout& layout) const;

  std::optional<std::int64_t> counted_from_;  // the padding id, where positions count from it
  double word_scale_;
  double dropout_;
  at::Tensor sinusoids_;  // [num_positions, hidden]; undefined where positions are learned
};

// Angles by which the heads of a token are turned: position / theta^(2i / head_size) for the pair of dimensions i and
// i + head_size / 2 (RoFormer, Su et al., 2021, in the order of Hugging Face's rotate_half).
class RotaryPositions {
 public:
  // For the tokens of a layout; `head_size` is even.
  RotaryPositions(const SequenceLayout& layout, std::int64_t head_size, double theta);

  // Rows [tokens, 3 * hidden] of queries, keys and values beside each other, the heads of queries and keys turned; by
  // our kernel where it applies, or by plain ATen operations.
  at::Tensor rotate_queries_and_keys(const at::Tensor& rows, bool use_kernel) const;

 private:
  // Rows of heads [tokens, heads * head_size] -> the same, turned
  at::Tensor rotate(const at::Tensor& rows) const;

  at::Tensor cosines_;  // [tokens, head_size / 2]
  at::Tensor sines_;
};

// [num_positions, size]: column 2i is sin(position / 10000^(2i / size)), column 2i + 1 its cosine (Vaswani et al.,
// 2017, section 3.5). Computed in double precision.
at::Tensor sinusoidal_positions(std::int64_t num_positions, std::int64_t size, at::Device device);

}  // namespace llmtool
