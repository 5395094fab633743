#include "llmtool/models/albert_family.h"

#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

namespace llmtool {

AlbertConfig read_albert_config(const Json& json, const std::string& file) {
  BertDefaults defaults;
  defaults.hidden_act = "gelu_new";
  defaults.dropout = 0.0;
  defaults.embedding_size = 128;
  AlbertConfig config{read_bert_like_config(json, file, defaults)};
  const ConfigReader reader(json, file);
  config.classifier_dropout = reader.number("classifier_dropout_prob", kRateRange, 0.1);
  config.num_hidden_groups = reader.integer("num_hidden_groups", kLayerRange, config.num_hidden_groups);
  config.inner_group_num = reader.integer("inner_group_num", kLayerRange, config.inner_group_num);
  if (config.num_hidden_groups > config.num_hidden_layers)
    reader.fail("num_hidden_groups", "(" + std::to_string(config.num_hidden_groups) +
                                         ") is larger than 'num_hidden_layers' (" +
                                         std::to_string(config.num_hidden_layers) + ")");
  return config;
}

namespace {

void override_albert_dropout(Json& config, const DropoutOverrides& overrides, HeadKind /*head*/) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout_prob"] = *overrides.classifier;
}

ModelDimensions albert_dimensions(const Json& json, const std::string& file) {
  const AlbertConfig config = read_albert_config(json, file);
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

HeadOptions albert_classifier(const Json& json, const std::string& file) {
  const AlbertConfig config = read_albert_config(json, file);
  ClassificationHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels(json, file);
  options.dropout = *config.classifier_dropout;
  return options;
}

HeadOptions albert_masked_lm(const Json& json, const std::string& file) {
  const AlbertConfig config = read_albert_config(json, file);
  LanguageModelHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.transform = {"predictions.dense", "predictions.LayerNorm", config.hidden_act, config.layer_norm_eps};
  options.decoder = "predictions.decoder";
  options.bias = "predictions.bias";
  options.is_tied = ConfigReader(json, file).ties_word_embeddings();
  return options;
}

HeadOptions albert_sentence_pairs(const Json& json, const std::string& file) {
  const AlbertConfig config = read_albert_config(json, file);
  return SentencePairHeadOptions{"sop_classifier.classifier", config.hidden_size, *config.classifier_dropout};
}

HeadOptions albert_tokens(const Json& json, const std::string& file) {
  const AlbertConfig config = read_albert_config(json, file);
  TokenHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels(json, file);
  options.dropout = *config.classifier_dropout;
  return options;
}

HeadOptions albert_answers(const Json& json, const std::string& file) {
  return answer_head(read_albert_config(json, file).hidden_size);
}

}  // namespace

Family albert_family() {
  return {.model_type = "albert",
          .base_prefix = "albert.",
          .heads = {{HeadKind::kNone, "AlbertModel", {}},
                    {HeadKind::kSequenceClassification, "AlbertForSequenceClassification", {albert_classifier}},
                    {HeadKind::kTokenClassification, "AlbertForTokenClassification", {albert_tokens}},
                    {HeadKind::kQuestionAnswering, "AlbertForQuestionAnswering", {albert_answers}},
                    {HeadKind::kMaskedLm, "AlbertForMaskedLM", {albert_masked_lm}},
                    {HeadKind::kPretraining, "AlbertForPreTraining", {albert_masked_lm, albert_sentence_pairs}}},
          .head_prefixes = {"classifier.", "predictions.", "sop_classifier.", "qa_outputs."},
          .orders_sentences = true,
          .dimensions = albert_dimensions,
          .override_dropout = override_albert_dropout};
}

}  // namespace llmtool
