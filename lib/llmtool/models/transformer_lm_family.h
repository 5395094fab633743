#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/models/families.h"
#include "llmtool/nn/activation.h"

namespace llmtool {

// kSinusoidal is fixed and not stored (Vaswani et al., 2017, section 3.5), kLearned a table.
enum class PositionEncoding { kSinusoidal, kLearned };

template <>
struct EnumNames<PositionEncoding> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{PositionEncoding::kSinusoidal, Name("sinusoidal")},
                                     std::pair{PositionEncoding::kLearned, Name("learned")}};
};

// The keys of a plain language model's config.json: those of torch.nn.TransformerEncoderLayer under its names, and
//   "model_type": "transformer_lm", "vocab_size", "num_layers", "max_position_embeddings": longest sequence
//   "position_encoding": "sinusoidal" (default) or "learned"
//   "scale_embeddings": word embeddings are multiplied by sqrt(d_model); default true
//   "final_norm": a LayerNorm after the last layer; default what norm_first is
//   "tie_word_embeddings": the decoder's weight is the word embedding; default true
//   "initializer_range": standard deviation of new weights; default 0.02
struct TransformerLmConfig {
  std::int64_t vocab_size = 0;
  std::int64_t max_position_embeddings = 0;
  std::int64_t d_model = 0;
  std::int64_t nhead = 0;
  std::int64_t num_layers = 0;
  std::int64_t dim_feedforward = 2048;
  Activation activation = Activation::kRelu;
  double dropout = 0.1;
  double layer_norm_eps = 1e-5;
  bool norm_first = false;
  bool final_norm = false;
  bool scale_embeddings = true;
  PositionEncoding position_encoding = PositionEncoding::kSinusoidal;
  double initializer_range = 0.02;
};

// Reads and checks a config.json; `file` is for messages. Throws ModelError: a key is missing, of the wrong type or
// beyond what any real model has, d_model is not divisible by the heads, something is not supported.
TransformerLmConfig read_transformer_lm_config(const Json& config, const std::string& file);

Family transformer_lm_family();

}  // namespace llmtool
