#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/models/classification_head.h"
#include "llmtool/models/language_model_head.h"
#include "llmtool/models/model_output.h"
#include "llmtool/models/sentence_pair_head.h"
#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/embedding.h"
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
  // Only the last hidden states of the sequences' first tokens are needed; a family may compute all of them anyway.
  bool first_tokens_only = false;
  // Of the tokens before these, for causal families; the new ones are added. The layout continues it.
  KeyValueCache* cache = nullptr;
};

// A family's body: token ids in, hidden states out. Parameters are uninitialised until loaded or drawn. The heads are
// made here, because a family's config decides their shape; families.h says which a family has, and asking for another
// throws std::logic_error.
class TextModel : public torch::nn::Module {
 public:
  virtual ModelOutput forward(const ModelInput& input) const = 0;

  virtual std::shared_ptr<ClassificationHead> make_classification_head(std::int64_t num_labels,
                                                                       at::Device device) const;
  // Its decoder is the word embedding when `tied`.
  virtual std::shared_ptr<LanguageModelHead> make_language_model_head(bool tied, at::Device device) const;
  virtual std::shared_ptr<SentencePairHead> make_sentence_pair_head(at::Device device) const;

  // Names as in the family's bare Hugging Face model, without base_prefix().
  virtual std::vector<WeightRow> weight_rows() const = 0;
  // What a model with a head puts before the names of its body: "bert.".
  virtual std::string_view base_prefix() const = 0;
  // Prefixes of body weights that only some heads use, so that checkpoints made for others lack them: "pooler.".
  virtual std::vector<std::string> optional_prefixes() const { return {}; }
  // Prefixes of the weights of all heads Hugging Face has for the family: "classifier.".
  virtual std::vector<std::string> head_prefixes() const = 0;
  // Those of them that several heads begin with, so that a new head takes them from a checkpoint made for another.
  virtual std::vector<std::string> shared_head_prefixes() const { return {}; }
  // Standard deviation new weights are drawn with.
  virtual double initializer_range() const = 0;
  virtual const std::shared_ptr<Embedding>& word_embedding() const = 0;
};

}  // namespace llmtool
