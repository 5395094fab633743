#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/deberta_v2_family.h"
#include "llmtool/nn/attention.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/layers.h"

namespace llmtool {

// Number of the bucket of each distance, int64: small ones have one each, larger ones share them on a logarithmic scale
// up to `max_distance`. `distances`: int64 of any shape.
at::Tensor logarithmic_buckets(const at::Tensor& distances, std::int64_t num_buckets, std::int64_t max_distance);

// All layers need this of a batch's positions.
struct RelativePositions {
  at::Tensor embeddings;  // [2 * span, hidden]: of distances -span … span - 1; undefined without relative attention
  at::Tensor buckets;     // int64 [longest, longest]: of query place minus key place
};

// Self-attention whose scores are the sum of content to content, content to position and position to content (DeBERTa,
// He et al., 2021, section 3.1).
class DisentangledAttention : public torch::nn::Module {
 public:
  DisentangledAttention(const DebertaV2Config& config, at::Device device);

  // [tokens, hidden] -> context [tokens, hidden] before the output projection.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                          const RelativePositions& positions) const;

  std::shared_ptr<Linear> query;
  std::shared_ptr<Linear> key;
  std::shared_ptr<Linear> value;
  std::shared_ptr<Linear> position_key;    // null where there is no such score, or the content's projection is used
  std::shared_ptr<Linear> position_query;  // the same

 private:
  // [sequences, heads, longest, longest], added to the content's scores; undefined without relative attention.
  at::Tensor position_scores(const at::Tensor& queries, const at::Tensor& keys,
                             const RelativePositions& positions) const;
  // [2 * span, hidden] -> [heads, head_size, 2 * span]
  at::Tensor position_heads(const Linear& map, const at::Tensor& embeddings) const;
  // sqrt(head_size * number of scores that are added)
  double divisor() const;

  DebertaV2Config config_;
};

// Sum of word rows and, where the config has them, position and segment type rows, brought to the hidden size,
// normalised and dropped.
class DebertaV2Embeddings : public torch::nn::Module {
 public:
  DebertaV2Embeddings(const DebertaV2Config& config, at::Device device);

  // int64 [tokens] each; undefined type_ids mean type 0 everywhere. Returns [tokens, hidden].
  at::Tensor forward(const at::Tensor& input_ids, const at::Tensor& type_ids, const SequenceLayout& layout) const;

  std::shared_ptr<Embedding> word;
  std::shared_ptr<Embedding> position;  // null without learned positions
  std::shared_ptr<Embedding> type;      // null without types
  std::shared_ptr<Linear> projection;   // null where embeddings have the hidden size
  std::shared_ptr<LayerNorm> norm;

 private:
  double dropout_;
};

// A convolution over neighbouring tokens of a text, added to the first layer's output and normalised.
class DebertaV2ConvolutionLayer : public torch::nn::Module {
 public:
  DebertaV2ConvolutionLayer(const DebertaV2Config& config, at::Device device);

  // input, layer_output: [tokens, hidden]
  at::Tensor forward(const at::Tensor& input, const at::Tensor& layer_output, const SequenceLayout& layout) const;

  at::Tensor weight;  // [hidden, hidden / groups, kernel_size]
  at::Tensor bias;    // [hidden]
  std::shared_ptr<LayerNorm> norm;

 private:
  DebertaV2Convolution convolution_;
  double dropout_;
};

// Disentangled attention and a perceptron, each followed by dropout, the residual sum and LayerNorm.
class DebertaV2Layer : public torch::nn::Module {
 public:
  DebertaV2Layer(const DebertaV2Config& config, at::Device device);

  // hidden_states [tokens, hidden]; the result's context is the layer's output.
  AttentionResult forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                          const RelativePositions& positions) const;

  std::shared_ptr<DisentangledAttention> attention;
  std::shared_ptr<Linear> attention_output;
  std::shared_ptr<LayerNorm> attention_norm;
  std::shared_ptr<Linear> intermediate;
  std::shared_ptr<Linear> output;
  std::shared_ptr<LayerNorm> output_norm;

 private:
  // dropout(update) + residual
  at::Tensor add(const at::Tensor& update, const at::Tensor& residual) const;

  Activation activation_;
  double dropout_;
};

// DeBERTa-v2 and -v3 (He et al., 2021) as Hugging Face's DebertaV2Model.
class DebertaV2Model : public TextBody {
 public:
  DebertaV2Model(const DebertaV2Config& config, at::Device device);

  ModelOutput forward(const ModelInput& input, NeededTokens needed) const override;
  std::vector<WeightRow> weight_rows() const override;
  std::vector<std::string> optional_prefixes() const override;
  double initializer_range() const override { return config_.initializer_range; }
  const std::shared_ptr<Embedding>& word_embedding() const override { return embeddings_->word; }

 private:
  RelativePositions relative_positions(const SequenceLayout& layout) const;

  DebertaV2Config config_;
  std::shared_ptr<DebertaV2Embeddings> embeddings_;
  std::shared_ptr<Embedding> positions_;                    // null without relative attention
  std::shared_ptr<LayerNorm> positions_norm_;               // null without one
  std::shared_ptr<DebertaV2ConvolutionLayer> convolution_;  // null without one
  std::vector<std::shared_ptr<DebertaV2Layer>> layers_;
};

}  // namespace llmtool
