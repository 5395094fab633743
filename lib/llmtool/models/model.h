#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/json.h"
#include "llmtool/models/families.h"
#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// A batch of packed sequences. All tensors are on the model's device.
struct ModelInput {
  at::Tensor input_ids;       // int64 [tokens]
  at::Tensor token_type_ids;  // int64 [tokens]; undefined: type 0 everywhere
  SequenceLayout layout;
  bool return_hidden_states = false;
  bool return_attentions = false;
};

struct ModelOutput {
  at::Tensor last_hidden_state;           // [tokens, hidden]
  at::Tensor pooled;                      // [sequences, hidden]; undefined for families without a pooler
  std::vector<at::Tensor> hidden_states;  // embeddings and every layer, [tokens, hidden] each, on request
  std::vector<at::Tensor> attentions;     // [sequences, heads, longest, longest] per layer, on request
};

// What is put on a body.
enum class HeadKind { kSequenceClassification };

template <>
struct EnumNames<HeadKind> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{HeadKind::kSequenceClassification, Name("sequence_classification")}};
};

// Turns a body's output into scores.
class Head : public torch::nn::Module {
 public:
  // [sequences, num_labels] for sequence classification.
  virtual at::Tensor forward(const ModelOutput& output, const SequenceLayout& layout) const = 0;
  virtual std::vector<WeightRow> weight_rows() const = 0;
  // Puts the scores of stored label order[i] in place i; `order` is int64 [num_labels].
  virtual void reorder_labels(const at::Tensor& order) = 0;
};

// A family's body: token ids in, hidden states out. Parameters are uninitialised until loaded or drawn.
class TextModel : public torch::nn::Module {
 public:
  virtual ModelOutput forward(const ModelInput& input) const = 0;
  virtual std::shared_ptr<Head> make_head(HeadKind kind, std::int64_t num_labels, at::Device device) const = 0;

  // Names as in the family's bare Hugging Face model, without base_prefix().
  virtual std::vector<WeightRow> weight_rows() const = 0;
  // What a model with a head puts before the names of its body: "bert.".
  virtual std::string_view base_prefix() const = 0;
  // Name prefixes of body weights that older or headless checkpoints lack, and that are then drawn anew: "pooler.".
  virtual std::vector<std::string> optional_prefixes() const = 0;
  // Name prefixes of heads other than the one asked for, whose weights a checkpoint may hold without use: "cls.".
  virtual std::vector<std::string> other_head_prefixes() const = 0;
  // Class name Hugging Face saves under `architectures`.
  virtual std::string architecture(HeadKind kind) const = 0;
  // Standard deviation new weights are drawn with.
  virtual double initializer_range() const = 0;
  virtual ModelDimensions dimensions() const = 0;
};

}  // namespace llmtool
