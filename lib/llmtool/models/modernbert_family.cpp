#include "llmtool/models/modernbert_family.h"

#include <cmath>

#include "llmtool/core/json.h"
#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

namespace llmtool {
namespace {

constexpr auto kThetaRange = in_range(1.0, 1e12);

// `layer_types`, or every how many layers one is global.
std::vector<bool> read_layer_types(const Json& json, const ConfigReader& reader, std::int64_t num_layers) {
  std::vector<bool> is_local;
  const auto types = json.find("layer_types");
  if (types == json.end() || types->is_null()) {
    const std::int64_t period = reader.integer("global_attn_every_n_layers", kLayerRange, 3);
    for (std::int64_t layer = 0; layer < num_layers; ++layer) is_local.push_back(layer % period != 0);
    return is_local;
  }
  if (!types->is_array() || static_cast<std::int64_t>(types->size()) != num_layers)
    reader.fail("layer_types", "must be a list with a type for each of the " + std::to_string(num_layers) + " layers");
  for (const Json& type : *types) {
    if (type != "full_attention" && type != "sliding_attention")
      reader.fail("layer_types",
                  "has " + json_excerpt(type) + "; supported are \"full_attention\" and \"sliding_attention\"");
    is_local.push_back(type == "sliding_attention");
  }
  return is_local;
}

// rope_parameters.LAYER_TYPE.rope_theta, or the key of the first checkpoints.
double read_theta(const Json& json, const ConfigReader& reader, const std::string& file, const char* layer_type,
                  const char* old_key, double absent) {
  const auto all = json.find("rope_parameters");
  const bool has_own = all != json.end() && all->is_object() && all->contains(layer_type);
  if (!has_own || (*all)[layer_type].is_null()) return reader.number(old_key, kThetaRange, absent);
  const std::string place = file + ": rope_parameters." + layer_type;
  const Json& parameters = (*all)[layer_type];
  const ConfigReader own(parameters, place);
  own.require_text("rope_type", "default");
  for (const auto& [key, value] : parameters.items())
    if (key != "rope_type" && key != "rope_theta" && !value.is_null())
      own.fail(key, "is not supported; only rope_type and rope_theta are");
  return own.number("rope_theta", kThetaRange, reader.number(old_key, kThetaRange, absent));
}

// Positions that are scaled, and windows told in another way than by local_attention.
void refuse_unsupported(const Json& json, const ConfigReader& reader, const ModernBertConfig& config) {
  reader.require_plain_model();
  if (json.contains("rope_scaling") && !json["rope_scaling"].is_null())
    reader.fail("rope_scaling", "is not supported; only the positions of the first release are");
  const auto all = json.find("rope_parameters");
  if (all != json.end() && all->is_object())
    for (const auto& [key, value] : all->items())
      if (key != "full_attention" && key != "sliding_attention")
        reader.fail("rope_parameters", "has " + quote(key) + "; supported are full_attention and sliding_attention");
  const auto window = reader.optional_integer("sliding_window", kPositionRange);
  if (window && *window != config.local_attention / 2)
    reader.fail("sliding_window", "is " + std::to_string(*window) + "; only half of local_attention (" +
                                      std::to_string(config.local_attention) + ") is supported");
}

bool read_pools_mean(const ConfigReader& reader) {
  const std::string pooling = reader.text("classifier_pooling", "cls");
  if (pooling != "cls" && pooling != "mean")
    reader.fail("classifier_pooling", "is " + quote(pooling) + "; supported are cls and mean");
  return pooling == "mean";
}

void read_rates(const ConfigReader& reader, ModernBertConfig& config) {
  config.embedding_dropout = reader.number("embedding_dropout", kRateRange, config.embedding_dropout);
  config.attention_dropout = reader.number("attention_dropout", kRateRange, config.attention_dropout);
  config.mlp_dropout = reader.number("mlp_dropout", kRateRange, config.mlp_dropout);
  config.classifier_dropout = reader.number("classifier_dropout", kRateRange, config.classifier_dropout);
}

void read_biases(const ConfigReader& reader, ModernBertConfig& config) {
  config.norm_bias = reader.boolean("norm_bias", config.norm_bias);
  config.attention_bias = reader.boolean("attention_bias", config.attention_bias);
  config.mlp_bias = reader.boolean("mlp_bias", config.mlp_bias);
  config.decoder_bias = reader.boolean("decoder_bias", config.decoder_bias);
  config.classifier_bias = reader.boolean("classifier_bias", config.classifier_bias);
}

}  // namespace

ModernBertConfig read_modernbert_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  ModernBertConfig config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.hidden_size = reader.integer("hidden_size", kSizeRange);
  config.intermediate_size = reader.integer("intermediate_size", kSizeRange);
  config.num_hidden_layers = reader.integer("num_hidden_layers", kLayerRange);
  config.num_attention_heads = reader.integer("num_attention_heads", kSizeRange);
  config.max_position_embeddings = reader.integer("max_position_embeddings", kPositionRange);
  const bool has_room_for_default = config.vocab_size > 50283;
  config.pad_token_id =
      reader.padding_id(config.vocab_size, has_room_for_default ? std::optional<std::int64_t>(50283) : std::nullopt);
  config.hidden_activation = reader.activation("hidden_activation", "gelu");
  config.classifier_activation = reader.activation("classifier_activation", "gelu");
  config.is_local = read_layer_types(json, reader, config.num_hidden_layers);
  config.local_attention = reader.integer("local_attention", kPositionRange, config.local_attention);
  config.global_rope_theta =
      read_theta(json, reader, file, "full_attention", "global_rope_theta", config.global_rope_theta);
  config.local_rope_theta =
      read_theta(json, reader, file, "sliding_attention", "local_rope_theta", config.local_rope_theta);
  config.pools_mean = read_pools_mean(reader);
  read_biases(reader, config);
  read_rates(reader, config);
  config.norm_eps = reader.number("norm_eps", kEpsilonRange, config.norm_eps);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  config.initializer_cutoff_factor =
      reader.number("initializer_cutoff_factor", in_range(0.1, 100.0), config.initializer_cutoff_factor);
  refuse_unsupported(json, reader, config);
  reader.check_heads("hidden_size", config.hidden_size, "num_attention_heads", config.num_attention_heads);
  if (config.hidden_size / config.num_attention_heads % 2 != 0)
    reader.fail("hidden_size", "gives heads of an odd size, which cannot be rotated in pairs");
  return config;
}

namespace {

void override_modernbert_dropout(Json& config, const DropoutOverrides& overrides, HeadKind /*head*/) {
  if (overrides.hidden)
    for (const char* key : {"embedding_dropout", "mlp_dropout"}) config[key] = *overrides.hidden;
  if (overrides.attention) config["attention_dropout"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout"] = *overrides.classifier;
}

ModelDimensions modernbert_dimensions(const Json& json, const std::string& file) {
  const ModernBertConfig config = read_modernbert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, 0, config.hidden_size};
}

// Sequences and tokens are scored by the same layers.
template <class Options>
Options scored(const ModernBertConfig& config, std::int64_t num_outputs) {
  Options options;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_outputs;
  options.dense = {"head.dense", config.classifier_activation, config.classifier_bias, config.output_scale(),
                   HeadNorm{"head.norm", config.norm_eps, config.norm_bias}};
  options.dropout = config.classifier_dropout;
  options.classifier_scale = 1.0 / std::sqrt(static_cast<double>(config.hidden_size)) / config.initializer_range;
  options.initial_cutoff = config.initializer_cutoff_factor;
  return options;
}

HeadOptions modernbert_classifier(const Json& json, const std::string& file) {
  const ModernBertConfig config = read_modernbert_config(json, file);
  auto options = scored<ClassificationHeadOptions>(config, num_labels(json, file));
  options.summary = config.pools_mean ? SequenceSummary::kMean : SequenceSummary::kFirstToken;
  return options;
}

HeadOptions modernbert_tokens(const Json& json, const std::string& file) {
  return scored<TokenHeadOptions>(read_modernbert_config(json, file), num_labels(json, file));
}

HeadOptions modernbert_answers(const Json& json, const std::string& file) {
  return scored<TokenHeadOptions>(read_modernbert_config(json, file), 2);
}

HeadOptions modernbert_masked_lm(const Json& json, const std::string& file) {
  const ModernBertConfig config = read_modernbert_config(json, file);
  LanguageModelHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.transform = {"head.dense",           "head.norm",      config.classifier_activation, config.norm_eps,
                       config.classifier_bias, config.norm_bias, config.output_scale()};
  options.decoder = "decoder";
  options.decoder_scale = config.output_scale();
  if (config.decoder_bias) options.bias = "decoder.bias";
  options.initial_cutoff = config.initializer_cutoff_factor;
  options.is_tied = ConfigReader(json, file).ties_word_embeddings();
  return options;
}

}  // namespace

double ModernBertConfig::output_scale() const { return 1.0 / std::sqrt(2.0 * static_cast<double>(num_hidden_layers)); }

Family modernbert_family() {
  Family family{
      .model_type = "modernbert",
      .base_prefix = "model.",
      .heads = {{HeadKind::kNone, "ModernBertModel", {}},
                {HeadKind::kSequenceClassification, "ModernBertForSequenceClassification", {modernbert_classifier}},
                {HeadKind::kTokenClassification, "ModernBertForTokenClassification", {modernbert_tokens}},
                {HeadKind::kQuestionAnswering, "ModernBertForQuestionAnswering", {modernbert_answers}},
                {HeadKind::kMaskedLm, "ModernBertForMaskedLM", {modernbert_masked_lm}}},
      .head_prefixes = {"head.", "decoder.", "classifier."},
      .dimensions = modernbert_dimensions,
      .override_dropout = override_modernbert_dropout};
  // All heads begin with the same layer.
  family.shared_head_prefixes = {"head."};
  return family;
}

}  // namespace llmtool
