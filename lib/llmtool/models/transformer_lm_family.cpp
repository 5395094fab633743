#include "llmtool/models/transformer_lm_family.h"

#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

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

namespace {

// The model has one dropout rate.
void override_transformer_lm_dropout(Json& config, const DropoutOverrides& overrides, HeadKind /*head*/) {
  if (overrides.attention)
    throw ModelError("model.attention_dropout: transformer_lm has one dropout rate; set model.dropout instead");
  if (overrides.classifier)
    throw ModelError("model.classifier_dropout: transformer_lm has no dropout before its classifier; remove the key");
  if (overrides.hidden) config["dropout"] = *overrides.hidden;
}

ModelDimensions transformer_lm_dimensions(const Json& json, const std::string& file) {
  const TransformerLmConfig config = read_transformer_lm_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, 0, config.d_model};
}

// A linear map of the last token's state, without bias and dropout.
HeadOptions transformer_lm_classifier(const Json& json, const std::string& file) {
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kLastToken;
  options.hidden_size = read_transformer_lm_config(json, file).d_model;
  options.num_outputs = num_labels(json, file);
  options.classifier = "score";
  options.has_bias = false;
  return options;
}

HeadOptions transformer_lm_causal_lm(const Json& json, const std::string& file) {
  LanguageModelHeadOptions options;
  options.hidden_size = read_transformer_lm_config(json, file).d_model;
  options.decoder = "decoder";
  options.bias = "decoder.bias";
  options.is_tied = ConfigReader(json, file).ties_word_embeddings();
  return options;
}

}  // namespace

// Not a family of Hugging Face's; its class names are made up in its style.
Family transformer_lm_family() {
  return {.model_type = "transformer_lm",
          .is_causal = true,
          .base_prefix = "",
          .heads = {{HeadKind::kNone, "TransformerLmModel", {}},
                    {HeadKind::kSequenceClassification,
                     "TransformerLmForSequenceClassification",
                     {transformer_lm_classifier}},
                    {HeadKind::kCausalLm, "TransformerLmForCausalLM", {transformer_lm_causal_lm}}},
          .head_prefixes = {"decoder.", "score."},
          .dimensions = transformer_lm_dimensions,
          .override_dropout = override_transformer_lm_dropout};
}

}  // namespace llmtool
