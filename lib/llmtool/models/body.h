#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/key_value_cache.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// A batch of packed sequences. All tensors are on the model's device.
struct ModelInput {
  at::Tensor input_ids;       // int64 [tokens]
  at::Tensor token_type_ids;  // int64 [tokens]; undefined: type 0 everywhere; ignored by families without types
  SequenceLayout layout;
  bool return_hidden_states = false;
  bool return_attentions = false;
  // Of the tokens before these, for causal families; the new ones are added. The layout continues it.
  KeyValueCache* cache = nullptr;
};

// What a body computes for a batch of packed sequences.
struct ModelOutput {
  at::Tensor last_hidden_state;           // [tokens, hidden]; with has_first_tokens_only [sequences, hidden]
  at::Tensor pooled;                      // [sequences, hidden]; undefined for bodies without a pooler
  std::vector<at::Tensor> hidden_states;  // embeddings and every layer, [tokens, hidden] each, on request
  std::vector<at::Tensor> attentions;     // [sequences, heads, longest, longest] per layer, on request
  bool has_first_tokens_only = false;     // the last hidden state was computed for each sequence's first token alone
};

// Of which tokens the last hidden states are needed. A body may compute all of them anyway.
enum class NeededTokens { kAll, kFirst };

// What all bodies are to loading, saving and training: weights with names. Parameters are uninitialised until loaded or
// drawn.
class Body : public torch::nn::Module {
 public:
  // Names as in the family's bare Hugging Face model, without the family's base prefix.
  virtual std::vector<WeightRow> weight_rows() const = 0;
  // Prefixes of weights that only some heads use, so that checkpoints made for others lack them: "pooler.".
  virtual std::vector<std::string> optional_prefixes() const { return {}; }
  // Standard deviation new weights are drawn with.
  virtual double initializer_range() const = 0;
};

// A body that reads texts: token ids in, hidden states out.
class TextBody : public Body {
 public:
  virtual ModelOutput forward(const ModelInput& input, NeededTokens needed = NeededTokens::kAll) const = 0;
  virtual const std::shared_ptr<Embedding>& word_embedding() const = 0;
};

}  // namespace llmtool
