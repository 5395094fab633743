#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/families.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// What a ModernBERT model is built from, under the names of Hugging Face's ModernBertConfig.
struct ModernBertConfig {
  std::int64_t vocab_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t max_position_embeddings = 0;
  std::optional<std::int64_t> pad_token_id;
  Activation hidden_activation = Activation::kGelu;
  Activation classifier_activation = Activation::kGelu;
  std::vector<bool> is_local;          // layer_types: sliding_attention, by layer
  std::int64_t local_attention = 128;  // window of local layers, half of it on either side
  double global_rope_theta = 160000.0;
  double local_rope_theta = 10000.0;
  bool norm_bias = false;
  bool attention_bias = false;
  bool mlp_bias = false;
  bool decoder_bias = true;
  bool classifier_bias = false;
  bool pools_mean = false;  // classifier_pooling: mean instead of cls
  double embedding_dropout = 0.0;
  double attention_dropout = 0.0;
  double mlp_dropout = 0.0;
  double classifier_dropout = 0.0;
  double norm_eps = 1e-5;
  double initializer_range = 0.02;
  double initializer_cutoff_factor = 2.0;

  // Of new weights that add to the hidden states, relative to initializer_range.
  double output_scale() const;
};

// Reads and checks a config.json, of the present format and that of the first checkpoints; `file` is for messages.
// Throws ModelError: a key is missing, of the wrong type or beyond what any real model has, hidden_size is not
// divisible by the heads, something is not supported.
ModernBertConfig read_modernbert_config(const Json& config, const std::string& file);

Family modernbert_family();

}  // namespace llmtool
