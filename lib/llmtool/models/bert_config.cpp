#include "llmtool/models/bert_config.h"

#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

void refuse_unsupported(const ConfigReader& reader) {
  reader.require_text("position_embedding_type", "absolute");
  for (const char* key : {"is_decoder", "add_cross_attention"})
    if (reader.boolean(key, false)) reader.fail(key, "is true; only encoders are supported for model_type 'bert'");
}

}  // namespace

BertConfig read_bert_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  BertConfig config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.hidden_size = reader.integer("hidden_size", kSizeRange);
  config.num_hidden_layers = reader.integer("num_hidden_layers", kLayerRange);
  config.num_attention_heads = reader.integer("num_attention_heads", kSizeRange);
  config.intermediate_size = reader.integer("intermediate_size", kSizeRange);
  config.max_position_embeddings = reader.integer("max_position_embeddings", kPositionRange);
  // Files older than these keys mean Hugging Face's defaults.
  config.type_vocab_size = reader.integer("type_vocab_size", kSizeRange, config.type_vocab_size);
  config.pad_token_id = json.contains("pad_token_id")
                            ? reader.optional_integer("pad_token_id", in_range<std::int64_t>(0, config.vocab_size - 1))
                            : std::optional<std::int64_t>(0);
  config.hidden_act = reader.activation("hidden_act", "gelu");
  config.hidden_dropout_prob = reader.number("hidden_dropout_prob", kRateRange, config.hidden_dropout_prob);
  config.attention_probs_dropout_prob =
      reader.number("attention_probs_dropout_prob", kRateRange, config.attention_probs_dropout_prob);
  config.classifier_dropout = reader.optional_number("classifier_dropout", kRateRange);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  config.layer_norm_eps = reader.number("layer_norm_eps", kEpsilonRange, config.layer_norm_eps);
  refuse_unsupported(reader);
  reader.check_heads("hidden_size", config.hidden_size, "num_attention_heads", config.num_attention_heads);
  return config;
}

void override_bert_dropout(Json& config, const DropoutOverrides& overrides) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout"] = *overrides.classifier;
}

}  // namespace llmtool
