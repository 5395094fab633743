#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/families.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// What BERT and the families derived from it are built from, under the names of Hugging Face's BertConfig.
struct BertConfig {
  std::int64_t vocab_size = 0;
  std::int64_t embedding_size = 0;  // hidden_size but for ELECTRA and ALBERT
  std::int64_t hidden_size = 0;
  std::int64_t num_hidden_layers = 0;
  std::int64_t num_attention_heads = 0;
  std::int64_t intermediate_size = 0;
  std::int64_t max_position_embeddings = 0;
  std::int64_t type_vocab_size = 2;
  std::optional<std::int64_t> pad_token_id;
  Activation hidden_act = Activation::kGelu;
  double hidden_dropout_prob = 0.1;
  double attention_probs_dropout_prob = 0.1;
  std::optional<double> classifier_dropout;
  double initializer_range = 0.02;
  double layer_norm_eps = 1e-12;
};

// What keys mean that a config.json does not have.
struct BertDefaults {
  std::int64_t padding_id = 0;
  std::string_view hidden_act = "gelu";
  double dropout = 0.1;
  std::optional<std::int64_t> embedding_size = {};  // none: the family has no such key
};

// Each reads and checks a config.json; `file` is for messages. Throws ModelError: a key is missing, of the wrong type
// or beyond what any real model has, hidden_size is not divisible by the heads, something is not supported.
BertConfig read_bert_config(const Json& config, const std::string& file);
BertConfig read_bert_like_config(const Json& config, const std::string& file, const BertDefaults& defaults);
BertConfig read_electra_config(const Json& config, const std::string& file);
// Also when there is no padding id to count positions from, or no position after it.
BertConfig read_roberta_config(const Json& config, const std::string& file);

// BERT, and those of its relatives that are read as it is.
Family bert_family();
Family roberta_family();
Family xlm_roberta_family();
Family electra_family();

}  // namespace llmtool
