#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/families.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// The convolution over neighbouring tokens that some models add to their first layer.
struct DebertaV2Convolution {
  std::int64_t kernel_size = 3;  // odd
  std::int64_t groups = 1;
  Activation activation = Activation::kTanh;
};

// What a DeBERTa-v2 or -v3 model is built from, under the names of Hugging Face's DebertaV2Config.
struct DebertaV2Config {
  std::int64_t vocab_size = 0;
  std::int64_t embedding_size = 0;
  std::int64_t hidden_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t max_position_embeddings = 0;
  std::int64_t type_vocab_size = 0;  // 0: no segment types
  std::optional<std::int64_t> pad_token_id;
  Activation hidden_act = Activation::kGelu;
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;
  double initializer_range = 0.02;
  double layer_norm_eps = 1e-7;
  bool position_biased_input = true;  // learned positions are added to the embeddings
  bool relative_attention = false;
  bool content_to_position = false;  // of pos_att_type
  bool position_to_content = false;
  bool share_att_key = false;               // positions are projected as the content is
  bool normalizes_positions = false;        // norm_rel_ebd: layer_norm
  std::int64_t position_buckets = -1;       // logarithmic buckets on either side; below 1: a row for every distance
  std::int64_t max_relative_positions = 0;  // max_position_embeddings where the file says less than 1
  std::optional<DebertaV2Convolution> convolution;
  double pooler_dropout = 0.0;
  Activation pooler_hidden_act = Activation::kGelu;
  double classifier_dropout = 0.1;  // cls_dropout, else hidden_dropout_prob
  bool has_legacy_head = true;      // legacy: the masked-LM head as BERT's

  // Distances told apart on either side.
  std::int64_t position_span() const { return position_buckets > 0 ? position_buckets : max_relative_positions; }
};

// Reads and checks a config.json; `file` is for messages. Throws ModelError: a key is missing, of the wrong type or
// beyond what any real model has, hidden_size is not divisible by the heads, something is not supported.
DebertaV2Config read_deberta_v2_config(const Json& config, const std::string& file);

Family deberta_v2_family();

}  // namespace llmtool
