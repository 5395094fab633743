#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/nn/activation.h"

namespace llmtool {

// The shape of a stack of encoder layers; with `is_causal` the stack of a decoder-only model such as GPT-2.
struct EncoderOptions {
  std::int64_t num_layers = 0;
  std::vector<std::int64_t> layer_order;  // layers that share weights: the one at each place; empty: each once
  std::int64_t hidden_size = 0;
  std::int64_t num_heads = 0;
  std::int64_t intermediate_size = 0;
  Activation activation = Activation::kGelu;
  double attention_dropout = 0.0;         // of the attention weights
  double attention_output_dropout = 0.0;  // before the first residual sum
  double intermediate_dropout = 0.0;      // of the perceptron's inner activations
  double output_dropout = 0.0;            // before the second residual sum
  double layer_norm_epsilon = 1e-12;
  bool is_causal = false;             // a token sees only itself and those before it
  bool is_pre_norm = false;           // LayerNorm before each sublayer instead of after its residual sum
  bool has_fused_projection = false;  // query, key and value are one matrix
};

}  // namespace llmtool
