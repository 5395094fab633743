#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>

#include "llmtool/nn/embedding.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

struct TextEmbeddingsOptions {
  std::int64_t vocabulary_size = 0;
  std::int64_t num_positions = 0;
  std::int64_t num_types = 0;
  std::int64_t hidden_size = 0;
  std::optional<std::int64_t> padding_id;
  double dropout = 0.0;
  double layer_norm_epsilon = 1e-12;
};

// Sum of word, learned position and segment type rows, then LayerNorm and dropout (BERT, Devlin et al., 2018).
class TextEmbeddings : public torch::nn::Module {
 public:
  TextEmbeddings(const TextEmbeddingsOptions& options, at::Device device);

  // int64 [tokens] each; undefined type_ids mean type 0 everywhere. Returns [tokens, hidden].
  at::Tensor forward(const at::Tensor& input_ids, const at::Tensor& type_ids, const SequenceLayout& layout) const;

  std::shared_ptr<Embedding> word;
  std::shared_ptr<Embedding> position;
  std::shared_ptr<Embedding> type;
  std::shared_ptr<LayerNorm> layer_norm;

 private:
  double dropout_;
};

}  // namespace llmtool
