#include "llmtool/models/distilbert_config.h"

#include "llmtool/models/config_reader.h"

namespace llmtool {

DistilBertConfig read_distilbert_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  DistilBertConfig config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.dim = reader.integer("dim", kSizeRange);
  config.n_layers = reader.integer("n_layers", kLayerRange);
  config.n_heads = reader.integer("n_heads", kSizeRange);
  config.hidden_dim = reader.integer("hidden_dim", kSizeRange);
  config.max_position_embeddings = reader.integer("max_position_embeddings", kPositionRange);
  config.sinusoidal_pos_embds = reader.boolean("sinusoidal_pos_embds", config.sinusoidal_pos_embds);
  config.pad_token_id = reader.padding_id(config.vocab_size, 0);
  config.activation = reader.activation("activation", "gelu");
  config.dropout = reader.number("dropout", kRateRange, config.dropout);
  config.attention_dropout = reader.number("attention_dropout", kRateRange, config.attention_dropout);
  config.seq_classif_dropout = reader.number("seq_classif_dropout", kRateRange, config.seq_classif_dropout);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  reader.require_plain_model();
  reader.require_same("hidden_size", "dim", config.dim);
  reader.require_same("num_hidden_layers", "n_layers", config.n_layers);
  reader.require_same("num_attention_heads", "n_heads", config.n_heads);
  reader.check_heads("dim", config.dim, "n_heads", config.n_heads);
  return config;
}

void override_distilbert_dropout(Json& config, const DropoutOverrides& overrides) {
  if (overrides.hidden) config["dropout"] = *overrides.hidden;
  if (overrides.attention) config["attention_dropout"] = *overrides.attention;
  if (overrides.classifier) config["seq_classif_dropout"] = *overrides.classifier;
}

}  // namespace llmtool
