#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmtool/core/json_fwd.h"
#include "llmtool/models/families.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// What a GPT-2 model is built from, under the names of Hugging Face's GPT2Config.
struct Gpt2Config {
  std::int64_t vocab_size = 0;
  std::optional<std::int64_t> pad_token_id;  // a classifier's last token is the last other one
  std::int64_t n_positions = 0;
  std::int64_t n_embd = 0;
  std::int64_t n_layer = 0;
  std::int64_t n_head = 0;
  std::int64_t n_inner = 0;  // 4 * n_embd where the file has none
  Activation activation_function = Activation::kGeluTanh;
  double resid_pdrop = 0.1;
  double embd_pdrop = 0.1;
  double attn_pdrop = 0.1;
  double layer_norm_epsilon = 1e-5;
  double initializer_range = 0.02;
};

// Reads and checks a config.json; `file` is for messages. Throws ModelError: a key is missing, of the wrong type or
// beyond what any real model has, n_embd is not divisible by the heads, something is not supported.
Gpt2Config read_gpt2_config(const Json& config, const std::string& file);

Family gpt2_family();

}  // namespace llmtool
