#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/models/model_output.h"
#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/activation.h"
#include "llmtool/nn/layer_norm.h"
#include "llmtool/nn/linear.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// The vector a sequence is classified by: the body's pooled state, the hidden state of its first or last token, or the
// mean of all its hidden states.
enum class SequenceSummary { kPooled, kFirstToken, kLastToken, kMean };

// A LayerNorm of a head, under its Hugging Face name.
struct HeadNorm {
  std::string name;
  double epsilon = 1e-5;
  bool has_bias = true;
};

// A dense layer of a head, under its Hugging Face name.
struct HeadLayer {
  std::string name;
  Activation activation = Activation::kTanh;
  bool has_bias = true;
  double initial_scale = 1.0;         // see WeightRow
  std::optional<HeadNorm> norm = {};  // after the activation
};

struct ClassificationHeadOptions {
  SequenceSummary summary = SequenceSummary::kPooled;
  std::optional<std::int64_t> padding_id = {};  // kLastToken: the last other token is meant
  std::int64_t hidden_size = 0;
  std::int64_t num_labels = 0;
  double input_dropout = 0.0;      // of the summary, where a dense layer follows
  std::optional<HeadLayer> dense;  // [hidden, hidden] and its activation
  double dropout = 0.0;            // before the classifier
  std::string classifier = "classifier";
  bool has_bias = true;
  double classifier_scale = 1.0;              // see WeightRow::initial_scale
  std::optional<double> initial_cutoff = {};  // see WeightRow
};

// Scores sequences: summary, perhaps a dense layer, dropout, linear map. What each family puts there differs only in
// the options.
class ClassificationHead : public torch::nn::Module {
 public:
  ClassificationHead(const ClassificationHeadOptions& options, at::Device device);

  // The last hidden states of other tokens have no part in the scores.
  bool reads_first_tokens_only() const;

  // [sequences, num_labels] from what the body made of `input_ids` [tokens]
  at::Tensor forward(const ModelOutput& output, const SequenceLayout& layout, const at::Tensor& input_ids) const;
  std::vector<WeightRow> weight_rows() const;
  // Returns whether it reads the last token and had no padding id.
  bool set_missing_padding_id(std::int64_t id);
  // Puts the scores of stored label order[i] in place i; `order` is int64 [num_labels].
  void reorder_labels(const at::Tensor& order);

 private:
  at::Tensor summarize(const ModelOutput& output, const SequenceLayout& layout, const at::Tensor& input_ids) const;
  at::Tensor last_rows(const SequenceLayout& layout, const at::Tensor& input_ids) const;

  ClassificationHeadOptions options_;
  std::shared_ptr<Linear> dense_;    // null without a dense layer
  std::shared_ptr<LayerNorm> norm_;  // null without one
  std::shared_ptr<Linear> classifier_;
};

}  // namespace llmtool
