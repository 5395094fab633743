#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/families.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// Fixed in Hugging Face's code.
inline constexpr double kDistilBertLayerNormEpsilon = 1e-12;

// What a DistilBERT model is built from, under the names of Hugging Face's DistilBertConfig.
struct DistilBertConfig {
  std::int64_t vocab_size = 0;
  std::int64_t dim = 0;
  std::int64_t n_layers = 0;
  std::int64_t n_heads = 0;
  std::int64_t hidden_dim = 0;
  std::int64_t max_position_embeddings = 0;
  bool sinusoidal_pos_embds = false;  // how a new position table starts; it is learned either way
  std::optional<std::int64_t> pad_token_id;
  Activation activation = Activation::kGelu;
  double dropout = 0.1;
  double attention_dropout = 0.1;
  double seq_classif_dropout = 0.2;
  double initializer_range = 0.02;
};

// Reads and checks a config.json; `file` is for messages. Throws ModelError: a key is missing, of the wrong type or
// beyond what any real model has, dim is not divisible by the heads, something is not supported.
DistilBertConfig read_distilbert_config(const Json& config, const std::string& file);

Family distilbert_family();

}  // namespace llmtool
