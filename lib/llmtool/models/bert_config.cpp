#include "llmtool/models/bert_config.h"

#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

void refuse_unsupported(const ConfigReader& reader) {
  reader.require_plain_model();
  reader.require_text("position_embedding_type", "absolute");
  for (const char* key : {"is_decoder", "add_cross_attention"})
    if (reader.boolean(key, false)) reader.fail(key, "is true; only encoders are supported for this model_type");
}

}  // namespace

BertConfig read_bert_like_config(const Json& json, const std::string& file, const BertDefaults& defaults) {
  const ConfigReader reader(json, file);
  BertConfig config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.hidden_size = reader.integer("hidden_size", kSizeRange);
  config.embedding_size = config.hidden_size;
  if (defaults.embedding_size)
    config.embedding_size = reader.integer("embedding_size", kSizeRange, *defaults.embedding_size);
  config.num_hidden_layers = reader.integer("num_hidden_layers", kLayerRange);
  config.num_attention_heads = reader.integer("num_attention_heads", kSizeRange);
  config.intermediate_size = reader.integer("intermediate_size", kSizeRange);
  config.max_position_embeddings = reader.integer("max_position_embeddings", kPositionRange);
  // Files older than these keys mean Hugging Face's defaults.
  config.type_vocab_size = reader.integer("type_vocab_size", kSizeRange, config.type_vocab_size);
  config.pad_token_id = reader.padding_id(config.vocab_size, defaults.padding_id);
  config.hidden_act = reader.activation("hidden_act", defaults.hidden_act);
  config.hidden_dropout_prob = reader.number("hidden_dropout_prob", kRateRange, defaults.dropout);
  config.attention_probs_dropout_prob = reader.number("attention_probs_dropout_prob", kRateRange, defaults.dropout);
  config.classifier_dropout = reader.optional_number("classifier_dropout", kRateRange);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  config.layer_norm_eps = reader.number("layer_norm_eps", kEpsilonRange, config.layer_norm_eps);
  refuse_unsupported(reader);
  reader.check_heads("hidden_size", config.hidden_size, "num_attention_heads", config.num_attention_heads);
  return config;
}

BertConfig read_bert_config(const Json& json, const std::string& file) { return read_bert_like_config(json, file, {}); }

BertConfig read_electra_config(const Json& json, const std::string& file) {
  BertDefaults defaults;
  defaults.embedding_size = 128;
  return read_bert_like_config(json, file, defaults);
}

BertConfig read_roberta_config(const Json& json, const std::string& file) {
  BertDefaults defaults;
  defaults.padding_id = 1;
  const BertConfig config = read_bert_like_config(json, file, defaults);
  const ConfigReader reader(json, file);
  if (!config.pad_token_id) reader.fail("pad_token_id", "is null, but this model counts its positions from it");
  if (config.max_position_embeddings < *config.pad_token_id + 2)
    reader.fail("max_position_embeddings", "(" + std::to_string(config.max_position_embeddings) +
                                               ") leaves no position after 'pad_token_id' (" +
                                               std::to_string(*config.pad_token_id) + ")");
  return config;
}

void override_bert_dropout(Json& config, const DropoutOverrides& overrides) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout"] = *overrides.classifier;
}

}  // namespace llmtool
