#include "llmtool/models/deberta_v2_family.h"

#include <algorithm>
#include <cctype>

#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

namespace llmtool {
namespace {

constexpr auto kAnyPosition = in_range<std::int64_t>(-1, 1 << 22);

std::string lowercased(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text;
}

// "p2c|c2p", in any case, or a list whose terms count as they are written (as in transformers).
std::string position_terms(const Json& json, const ConfigReader& reader) {
  const auto found = json.find("pos_att_type");
  if (found == json.end() || found->is_null()) return "";
  if (!found->is_array()) return lowercased(reader.text("pos_att_type"));
  std::string joined;
  for (const Json& term : *found) {
    if (!term.is_string()) reader.fail("pos_att_type", "must be a string or a list of strings");
    joined += "|" + term.get<std::string>();
  }
  return joined;
}

bool has_term(const std::string& terms, std::string_view wanted) { return terms.find(wanted) != std::string::npos; }

void read_positions(const Json& json, const ConfigReader& reader, DebertaV2Config& config) {
  config.position_biased_input = reader.boolean("position_biased_input", config.position_biased_input);
  config.relative_attention = reader.boolean("relative_attention", config.relative_attention);
  const std::string terms = position_terms(json, reader);
  config.content_to_position = has_term(terms, "c2p");
  config.position_to_content = has_term(terms, "p2c");
  config.share_att_key = reader.boolean("share_att_key", config.share_att_key);
  config.normalizes_positions = has_term(lowercased(reader.text("norm_rel_ebd", "none")), "layer_norm");
  config.position_buckets = reader.integer("position_buckets", kAnyPosition, config.position_buckets);
  const std::int64_t reach = reader.integer("max_relative_positions", kAnyPosition, -1);
  config.max_relative_positions = reach < 1 ? config.max_position_embeddings : reach;
  if (config.position_buckets == 1)
    reader.fail("position_buckets", "is 1; logarithmic buckets need at least 2 on either side");
}

std::optional<DebertaV2Convolution> read_convolution(const ConfigReader& reader, std::int64_t hidden_size) {
  const std::int64_t kernel_size = reader.integer("conv_kernel_size", in_range<std::int64_t>(0, 1 << 10), 0);
  if (kernel_size == 0) return std::nullopt;
  if (kernel_size % 2 == 0)
    reader.fail("conv_kernel_size", "is " + std::to_string(kernel_size) + "; only odd sizes keep a text's length");
  DebertaV2Convolution convolution;
  convolution.kernel_size = kernel_size;
  convolution.groups = reader.integer("conv_groups", kSizeRange, convolution.groups);
  convolution.activation = reader.activation("conv_act", "tanh");
  reader.check_heads("hidden_size", hidden_size, "conv_groups", convolution.groups);
  return convolution;
}

void refuse_unsupported(const ConfigReader& reader, const DebertaV2Config& config) {
  reader.require_plain_model();
  const auto require_size = [&](const char* key, std::int64_t supported) {
    if (const auto size = reader.optional_integer(key, kSizeRange); size && *size != supported)
      reader.fail(key, "is " + std::to_string(*size) + "; only " + std::to_string(supported) + " is supported here");
  };
  require_size("pooler_hidden_size", config.hidden_size);
  require_size("attention_head_size", config.hidden_size / config.num_attention_heads);
  if (!config.has_legacy_head && config.embedding_size != config.hidden_size)
    reader.fail("legacy", "is false, which needs an 'embedding_size' equal to 'hidden_size'");
}

}  // namespace

DebertaV2Config read_deberta_v2_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  DebertaV2Config config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.hidden_size = reader.integer("hidden_size", kSizeRange);
  config.embedding_size = reader.integer("embedding_size", kSizeRange, config.hidden_size);
  config.num_hidden_layers = reader.integer("num_hidden_layers", kLayerRange);
  config.num_attention_heads = reader.integer("num_attention_heads", kSizeRange);
  config.intermediate_size = reader.integer("intermediate_size", kSizeRange);
  config.max_position_embeddings = reader.integer("max_position_embeddings", kPositionRange);
  config.type_vocab_size = reader.integer("type_vocab_size", in_range<std::int64_t>(0, 1 << 17), 0);
  config.pad_token_id = reader.padding_id(config.vocab_size, 0);
  config.hidden_act = reader.activation("hidden_act", "gelu");
  config.hidden_dropout_prob = reader.number("hidden_dropout_prob", kRateRange, config.hidden_dropout_prob);
  config.attention_probs_dropout_prob =
      reader.number("attention_probs_dropout_prob", kRateRange, config.attention_probs_dropout_prob);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  config.layer_norm_eps = reader.number("layer_norm_eps", kEpsilonRange, config.layer_norm_eps);
  config.pooler_dropout = reader.number("pooler_dropout", kRateRange, config.pooler_dropout);
  config.pooler_hidden_act = reader.activation("pooler_hidden_act", "gelu");
  config.classifier_dropout = reader.number("cls_dropout", kRateRange, config.hidden_dropout_prob);
  config.has_legacy_head = reader.boolean("legacy", config.has_legacy_head);
  reader.check_heads("hidden_size", config.hidden_size, "num_attention_heads", config.num_attention_heads);
  read_positions(json, reader, config);
  config.convolution = read_convolution(reader, config.hidden_size);
  refuse_unsupported(reader, config);
  return config;
}

namespace {

void override_deberta_v2_dropout(Json& config, const DropoutOverrides& overrides, HeadKind /*head*/) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["cls_dropout"] = *overrides.classifier;
}

ModelDimensions deberta_v2_dimensions(const Json& json, const std::string& file) {
  const DebertaV2Config config = read_deberta_v2_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

HeadOptions deberta_v2_classifier(const Json& json, const std::string& file) {
  const DebertaV2Config config = read_deberta_v2_config(json, file);
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kFirstToken;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels(json, file);
  options.input_dropout = config.pooler_dropout;
  options.dense = {"pooler.dense", config.pooler_hidden_act};
  options.dropout = config.classifier_dropout;
  return options;
}

HeadOptions deberta_v2_masked_lm(const Json& json, const std::string& file) {
  const DebertaV2Config config = read_deberta_v2_config(json, file);
  const std::string name = config.has_legacy_head ? "cls.predictions." : "lm_predictions.lm_head.";
  const std::string transform = config.has_legacy_head ? name + "transform." : name;
  LanguageModelHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.transform = {transform + "dense", transform + "LayerNorm", config.hidden_act, config.layer_norm_eps};
  // The other head has no decoder of its own: it multiplies by the word embedding whatever the config says.
  options.decoder = config.has_legacy_head ? "cls.predictions.decoder" : "lm_predictions.lm_head";
  options.bias = name + "bias";
  options.is_tied = !config.has_legacy_head || ConfigReader(json, file).ties_word_embeddings();
  return options;
}

HeadOptions deberta_v2_tokens(const Json& json, const std::string& file) {
  const DebertaV2Config config = read_deberta_v2_config(json, file);
  TokenHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels(json, file);
  options.dropout = config.hidden_dropout_prob;
  return options;
}

HeadOptions deberta_v2_answers(const Json& json, const std::string& file) {
  return answer_head(read_deberta_v2_config(json, file).hidden_size);
}

}  // namespace

Family deberta_v2_family() {
  return {.model_type = "deberta-v2",
          .base_prefix = "deberta.",
          .heads = {{HeadKind::kNone, "DebertaV2Model", {}},
                    {HeadKind::kSequenceClassification, "DebertaV2ForSequenceClassification", {deberta_v2_classifier}},
                    {HeadKind::kTokenClassification, "DebertaV2ForTokenClassification", {deberta_v2_tokens}},
                    {HeadKind::kQuestionAnswering, "DebertaV2ForQuestionAnswering", {deberta_v2_answers}},
                    {HeadKind::kMaskedLm, "DebertaV2ForMaskedLM", {deberta_v2_masked_lm}}},
          .head_prefixes = {"pooler.", "classifier.", "cls.predictions.", "lm_predictions.", "mask_predictions.",
                            "qa_outputs."},
          .dimensions = deberta_v2_dimensions,
          .override_dropout = override_deberta_v2_dropout};
}

}  // namespace llmtool
