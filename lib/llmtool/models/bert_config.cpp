#include "llmtool/models/bert_config.h"

#include "llmtool/models/config_reader.h"

namespace llmtool {
namespace {

// Generous beyond any published model, small enough that no product of two overflows and a hostile file is refused
// before anything is allocated.
constexpr auto kVocabularyRange = in_range<std::int64_t>(1, 1 << 24);
constexpr auto kSizeRange = in_range<std::int64_t>(1, 1 << 17);
constexpr auto kPositionRange = in_range<std::int64_t>(1, 1 << 22);
constexpr auto kLayerRange = in_range<std::int64_t>(1, 1024);
constexpr auto kRateRange = in_range(0.0, 0.999);

Activation read_activation(const ConfigReader& reader) {
  const std::string name = reader.text("hidden_act", "gelu");
  if (const auto activation = enum_from_name<Activation>(name)) return *activation;
  std::string known;
  for (const auto& [value, known_name] : EnumNames<Activation>::kNames)
    known += (known.empty() ? "" : ", ") + std::string(known_name);
  reader.fail("hidden_act", "is " + quote(name) + ", which is not supported; supported are " + known);
}

void refuse_unsupported(const ConfigReader& reader) {
  const std::string position_type = reader.text("position_embedding_type", "absolute");
  if (position_type != "absolute")
    reader.fail("position_embedding_type", "is " + quote(position_type) + "; only 'absolute' is supported");
  for (const char* key : {"is_decoder", "add_cross_attention"})
    if (reader.boolean(key, false)) reader.fail(key, "is true; only encoders are supported for model_type 'bert'");
}

void check_heads(const ConfigReader& reader, const BertConfig& config) {
  if (config.hidden_size % config.num_attention_heads == 0) return;
  reader.fail("hidden_size", "(" + std::to_string(config.hidden_size) +
                                 ") is not a multiple of 'num_attention_heads' (" +
                                 std::to_string(config.num_attention_heads) + ")");
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
  config.hidden_act = read_activation(reader);
  config.hidden_dropout_prob = reader.number("hidden_dropout_prob", kRateRange, config.hidden_dropout_prob);
  config.attention_probs_dropout_prob =
      reader.number("attention_probs_dropout_prob", kRateRange, config.attention_probs_dropout_prob);
  config.classifier_dropout = reader.optional_number("classifier_dropout", kRateRange);
  config.initializer_range = reader.number("initializer_range", in_range(0.0, 10.0), config.initializer_range);
  config.layer_norm_eps = reader.number("layer_norm_eps", in_range(0.0, 1.0), config.layer_norm_eps);
  refuse_unsupported(reader);
  check_heads(reader, config);
  return config;
}

void override_bert_dropout(Json& config, const DropoutOverrides& overrides) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout"] = *overrides.classifier;
}

}  // namespace llmtool
