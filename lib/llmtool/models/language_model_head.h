#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/activation.h"
#include "llmtool/nn/embedding.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

// The last, largest step of a language model, so that a loss can take it for selected rows and in chunks.
struct VocabularyProjection {
  at::Tensor weight;  // [vocab, embedding]
  at::Tensor bias;    // [vocab]; undefined for families without one
};

// The dense layer, activation and LayerNorm before the projection, under their Hugging Face names.
struct LanguageModelTransform {
  std::string dense;  // "cls.predictions.transform.dense"
  std::string norm;
  Activation activation = Activation::kGelu;
  double layer_norm_epsilon = 1e-12;
  bool has_dense_bias = true;
  bool has_norm_bias = true;
  double initial_scale = 1.0;  // of the dense layer, see WeightRow
};

struct LanguageModelHeadOptions {
  std::int64_t hidden_size = 0;
  std::optional<LanguageModelTransform> transform;
  std::string decoder;  // name of the projection without ".weight"
  std::string bias;  // full name of the bias; "" when it has none. Where it is not DECODER.bias, Hugging Face has both
  bool is_tied = true;                        // the projection's weight is the word embedding
  double decoder_scale = 1.0;                 // see WeightRow::initial_scale
  std::optional<double> initial_cutoff = {};  // see WeightRow
};

// Scores every id of the vocabulary for each row: a transform, or none, and a linear map back through the embedding.
class LanguageModelHead : public torch::nn::Module {
 public:
  LanguageModelHead(const LanguageModelHeadOptions& options, std::shared_ptr<Embedding> word_embedding,
                    at::Device device);

  // [rows, hidden] -> [rows, embedding]: all of the head but the projection.
  at::Tensor features(const at::Tensor& hidden) const;
  VocabularyProjection projection() const;
  // [rows, hidden] -> [rows, vocab]
  at::Tensor logits(const at::Tensor& hidden) const;

  // Without the projection's weight when it is tied. Untied, a bias with two names is listed under both.
  std::vector<WeightRow> weight_rows() const;
  // Names under which a checkpoint may repeat a weight of the model, and those it is stored under. `embedding` is the
  // word embedding's full name.
  std::vector<TiedWeight> tied_weights(const std::string& embedding) const;
  // New rows of an own weight are the mean of the old, new biases 0.
  void resize_vocabulary(std::int64_t new_size);

 private:
  bool bias_has_two_names() const;
  // Of the projection when it is not tied.
  void append_own_rows(std::vector<WeightRow>& rows) const;

  LanguageModelHeadOptions options_;
  std::shared_ptr<Embedding> word_embedding_;  // the body's; not registered here
  std::shared_ptr<Linear> dense_;              // null without a transform
  std::shared_ptr<LayerNorm> norm_;            // null without a transform
  at::Tensor own_weight_;                      // undefined when tied
  at::Tensor bias_;                            // undefined without a bias
};

}  // namespace llmtool
