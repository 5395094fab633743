#include "llmtool/models/transformer_lm_config.h"

#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

PositionEncoding read_position_encoding(const ConfigReader& reader) {
  const std::string name = reader.text("position_encoding", "sinusoidal");
  const auto encoding = enum_from_name<PositionEncoding>(name);
  if (!encoding) reader.fail("position_encoding", "is " + quote(name) + "; supported are sinusoidal and learned");
  return *encoding;
}

}  // namespace

TransformerLmConfig read_transformer_lm_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  TransformerLmConfig config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.max_position_embeddings = reader.integer("max_position_embeddings", kPositionRange);
  config.d_model = reader.integer("d_model", kSizeRange);
  config.nhead = reader.integer("nhead", kSizeRange);
  config.num_layers = reader.integer("num_layers", kLayerRange);
  config.dim_feedforward = reader.integer("dim_feedforward", kSizeRange, config.dim_feedforward);
  config.activation = reader.activation("activation", "relu");
  config.dropout = reader.number("dropout", kRateRange, config.dropout);
  config.layer_norm_eps = reader.number("layer_norm_eps", kEpsilonRange, config.layer_norm_eps);
  config.norm_first = reader.boolean("norm_first", config.norm_first);
  config.final_norm = reader.boolean("final_norm", config.norm_first);
  config.scale_embeddings = reader.boolean("scale_embeddings", config.scale_embeddings);
  config.position_encoding = read_position_encoding(reader);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  reader.require_plain_model();
  reader.require_flag("bias", true);
  reader.check_heads("d_model", config.d_model, "nhead", config.nhead);
  return config;
}

void override_transformer_lm_dropout(Json& config, const DropoutOverrides& overrides) {
  if (overrides.attention)
    throw ModelError("model.attention_dropout: transformer_lm has one dropout rate; set model.dropout instead");
  if (overrides.classifier)
    throw ModelError("model.classifier_dropout: transformer_lm has no dropout before its classifier; remove the key");
  if (overrides.hidden) config["dropout"] = *overrides.hidden;
}

}  // namespace llmtool
