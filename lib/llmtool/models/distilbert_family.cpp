#include "llmtool/models/distilbert_family.h"

#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

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

namespace {

void override_distilbert_dropout(Json& config, const DropoutOverrides& overrides, HeadKind /*head*/) {
  if (overrides.hidden) config["dropout"] = *overrides.hidden;
  if (overrides.attention) config["attention_dropout"] = *overrides.attention;
  if (overrides.classifier) config["seq_classif_dropout"] = *overrides.classifier;
}

ModelDimensions distilbert_dimensions(const Json& json, const std::string& file) {
  const DistilBertConfig config = read_distilbert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, 0, config.dim};
}

HeadOptions distilbert_classifier(const Json& json, const std::string& file) {
  const DistilBertConfig config = read_distilbert_config(json, file);
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kFirstToken;
  options.hidden_size = config.dim;
  options.num_outputs = num_labels(json, file);
  options.dense = {"pre_classifier", Activation::kRelu};
  options.dropout = config.seq_classif_dropout;
  return options;
}

HeadOptions distilbert_masked_lm(const Json& json, const std::string& file) {
  const DistilBertConfig config = read_distilbert_config(json, file);
  LanguageModelHeadOptions options;
  options.hidden_size = config.dim;
  options.transform = {"vocab_transform", "vocab_layer_norm", config.activation, kDistilBertLayerNormEpsilon};
  options.decoder = "vocab_projector";
  options.bias = "vocab_projector.bias";
  options.is_tied = ConfigReader(json, file).ties_word_embeddings();
  return options;
}

HeadOptions distilbert_tokens(const Json& json, const std::string& file) {
  const DistilBertConfig config = read_distilbert_config(json, file);
  TokenHeadOptions options;
  options.hidden_size = config.dim;
  options.num_outputs = num_labels(json, file);
  options.dropout = config.dropout;
  return options;
}

HeadOptions distilbert_answers(const Json& json, const std::string& file) {
  TokenHeadOptions options = answer_head(read_distilbert_config(json, file).dim);
  options.dropout = ConfigReader(json, file).number("qa_dropout", kRateRange, 0.1);
  return options;
}

}  // namespace

Family distilbert_family() {
  return {.model_type = "distilbert",
          .base_prefix = "distilbert.",
          .heads = {{HeadKind::kNone, "DistilBertModel", {}},
                    {HeadKind::kSequenceClassification, "DistilBertForSequenceClassification", {distilbert_classifier}},
                    {HeadKind::kTokenClassification, "DistilBertForTokenClassification", {distilbert_tokens}},
                    {HeadKind::kQuestionAnswering, "DistilBertForQuestionAnswering", {distilbert_answers}},
                    {HeadKind::kMaskedLm, "DistilBertForMaskedLM", {distilbert_masked_lm}}},
          .head_prefixes = {"pre_classifier.", "classifier.", "vocab_transform.", "vocab_layer_norm.",
                            "vocab_projector.", "qa_outputs."},
          .dimensions = distilbert_dimensions,
          .override_dropout = override_distilbert_dropout};
}

}  // namespace llmtool
