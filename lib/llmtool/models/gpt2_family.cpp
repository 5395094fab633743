#include "llmtool/models/gpt2_family.h"

#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

namespace llmtool {
namespace {

void refuse_unsupported(const ConfigReader& reader, const Gpt2Config& config) {
  reader.require_plain_model();
  reader.require_same("max_position_embeddings", "n_positions", config.n_positions);
  reader.require_same("hidden_size", "n_embd", config.n_embd);
  reader.require_same("num_hidden_layers", "n_layer", config.n_layer);
  reader.require_same("num_attention_heads", "n_head", config.n_head);
  reader.require_flag("is_causal", true);
  reader.require_flag("add_cross_attention", false);
  reader.require_flag("scale_attn_weights", true);
  reader.require_flag("scale_attn_by_inverse_layer_idx", false);
}

}  // namespace

Gpt2Config read_gpt2_config(const Json& json, const std::string& file) {
  const ConfigReader reader(json, file);
  Gpt2Config config;
  config.vocab_size = reader.integer("vocab_size", kVocabularyRange);
  config.pad_token_id = reader.optional_integer("pad_token_id", in_range<std::int64_t>(-1, 1 << 24));
  config.n_positions = reader.integer("n_positions", kPositionRange);
  config.n_embd = reader.integer("n_embd", kSizeRange);
  config.n_layer = reader.integer("n_layer", kLayerRange);
  config.n_head = reader.integer("n_head", kSizeRange);
  config.n_inner = reader.integer("n_inner", kSizeRange, 4 * config.n_embd);
  config.activation_function = reader.activation("activation_function", "gelu_new");
  config.resid_pdrop = reader.number("resid_pdrop", kRateRange, config.resid_pdrop);
  config.embd_pdrop = reader.number("embd_pdrop", kRateRange, config.embd_pdrop);
  config.attn_pdrop = reader.number("attn_pdrop", kRateRange, config.attn_pdrop);
  config.layer_norm_epsilon = reader.number("layer_norm_epsilon", kEpsilonRange, config.layer_norm_epsilon);
  config.initializer_range = reader.number("initializer_range", kDeviationRange, config.initializer_range);
  refuse_unsupported(reader, config);
  reader.check_heads("n_embd", config.n_embd, "n_head", config.n_head);
  return config;
}

namespace {

// Only the head for tokens has dropout before its classifier.
void override_gpt2_dropout(Json& config, const DropoutOverrides& overrides, HeadKind head) {
  if (overrides.classifier && head != HeadKind::kTokenClassification)
    throw ModelError("model.classifier_dropout: gpt2 has no dropout before its classifier of texts; remove the key");
  if (overrides.classifier) config["classifier_dropout"] = *overrides.classifier;
  if (overrides.hidden)
    for (const char* key : {"resid_pdrop", "embd_pdrop"}) config[key] = *overrides.hidden;
  if (overrides.attention) config["attn_pdrop"] = *overrides.attention;
}

ModelDimensions gpt2_dimensions(const Json& json, const std::string& file) {
  const Gpt2Config config = read_gpt2_config(json, file);
  return {config.vocab_size, config.n_positions, 0, config.n_embd};
}

// A linear map of the last token's state, without bias and dropout.
HeadOptions gpt2_classifier(const Json& json, const std::string& file) {
  const Gpt2Config config = read_gpt2_config(json, file);
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kLastToken;
  options.padding_id = config.pad_token_id;
  options.hidden_size = config.n_embd;
  options.num_outputs = num_labels(json, file);
  options.classifier = "score";
  options.has_bias = false;
  return options;
}

HeadOptions gpt2_causal_lm(const Json& json, const std::string& file) {
  LanguageModelHeadOptions options;
  options.hidden_size = read_gpt2_config(json, file).n_embd;
  options.decoder = "lm_head";
  options.is_tied = ConfigReader(json, file).ties_word_embeddings();
  return options;
}

HeadOptions gpt2_tokens(const Json& json, const std::string& file) {
  constexpr double kDefaultDropout = 0.1;
  const ConfigReader reader(json, file);
  TokenHeadOptions options;
  options.hidden_size = read_gpt2_config(json, file).n_embd;
  options.num_outputs = num_labels(json, file);
  options.dropout = reader.optional_number("classifier_dropout", kRateRange)
                        .value_or(reader.number("hidden_dropout", kRateRange, kDefaultDropout));
  return options;
}

HeadOptions gpt2_answers(const Json& json, const std::string& file) {
  return answer_head(read_gpt2_config(json, file).n_embd);
}

}  // namespace

Family gpt2_family() {
  return {.model_type = "gpt2",
          .is_causal = true,
          .base_prefix = "transformer.",
          .heads = {{HeadKind::kNone, "GPT2Model", {}},
                    {HeadKind::kSequenceClassification, "GPT2ForSequenceClassification", {gpt2_classifier}},
                    {HeadKind::kTokenClassification, "GPT2ForTokenClassification", {gpt2_tokens}},
                    {HeadKind::kQuestionAnswering, "GPT2ForQuestionAnswering", {gpt2_answers}},
                    {HeadKind::kCausalLm, "GPT2LMHeadModel", {gpt2_causal_lm}}},
          .head_prefixes = {"lm_head.", "score.", "multiple_choice_head.", "classifier.", "qa_outputs."},
          .dimensions = gpt2_dimensions,
          .override_dropout = override_gpt2_dropout};
}

}  // namespace llmtool
