#include "llmtool/models/bert_family.h"

#include "llmtool/models/config_reader.h"
#include "llmtool/models/labels.h"

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

namespace {

void override_bert_dropout(Json& config, const DropoutOverrides& overrides, HeadKind /*head*/) {
  if (overrides.hidden) config["hidden_dropout_prob"] = *overrides.hidden;
  if (overrides.attention) config["attention_probs_dropout_prob"] = *overrides.attention;
  if (overrides.classifier) config["classifier_dropout"] = *overrides.classifier;
}

ModelDimensions dimensions_of(const BertConfig& config) {
  return {config.vocab_size, config.max_position_embeddings, config.type_vocab_size, config.hidden_size};
}

ModelDimensions bert_dimensions(const Json& json, const std::string& file) {
  return dimensions_of(read_bert_config(json, file));
}

ModelDimensions electra_dimensions(const Json& json, const std::string& file) {
  return dimensions_of(read_electra_config(json, file));
}

ModelDimensions roberta_dimensions(const Json& json, const std::string& file) {
  const BertConfig config = read_roberta_config(json, file);
  ModelDimensions dimensions = dimensions_of(config);
  dimensions.num_positions -= *config.pad_token_id + 1;
  return dimensions;
}

double classifier_dropout(const BertConfig& config) {
  return config.classifier_dropout.value_or(config.hidden_dropout_prob);
}

HeadOptions bert_classifier(const Json& json, const std::string& file) {
  const BertConfig config = read_bert_config(json, file);
  ClassificationHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels(json, file);
  options.dropout = classifier_dropout(config);
  return options;
}

HeadOptions token_classifier(const BertConfig& config, std::int64_t num_labels) {
  TokenHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels;
  options.dropout = classifier_dropout(config);
  return options;
}

// The heads that the models here have in common.
template <auto read_config>
HeadOptions bert_tokens(const Json& json, const std::string& file) {
  return token_classifier(read_config(json, file), num_labels(json, file));
}

template <auto read_config>
HeadOptions bert_answers(const Json& json, const std::string& file) {
  return answer_head(read_config(json, file).hidden_size);
}

LanguageModelHeadOptions masked_lm_options(const BertConfig& config, const ConfigReader& reader) {
  LanguageModelHeadOptions options;
  options.hidden_size = config.hidden_size;
  options.is_tied = reader.ties_word_embeddings();
  return options;
}

HeadOptions bert_masked_lm(const Json& json, const std::string& file) {
  const BertConfig config = read_bert_config(json, file);
  LanguageModelHeadOptions options = masked_lm_options(config, ConfigReader(json, file));
  options.transform = {"cls.predictions.transform.dense", "cls.predictions.transform.LayerNorm", config.hidden_act,
                       config.layer_norm_eps};
  options.decoder = "cls.predictions.decoder";
  options.bias = "cls.predictions.bias";
  return options;
}

HeadOptions bert_sentence_pairs(const Json& json, const std::string& file) {
  return SentencePairHeadOptions{"cls.seq_relationship", read_bert_config(json, file).hidden_size, 0.0};
}

// RoBERTa and ELECTRA classify the first token through a dense layer.
HeadOptions dense_classifier(const BertConfig& config, Activation activation, std::int64_t num_labels) {
  ClassificationHeadOptions options;
  options.summary = SequenceSummary::kFirstToken;
  options.hidden_size = config.hidden_size;
  options.num_outputs = num_labels;
  options.input_dropout = classifier_dropout(config);
  options.dense = {"classifier.dense", activation};
  options.dropout = classifier_dropout(config);
  options.classifier = "classifier.out_proj";
  return options;
}

HeadOptions roberta_classifier(const Json& json, const std::string& file) {
  return dense_classifier(read_roberta_config(json, file), Activation::kTanh, num_labels(json, file));
}

HeadOptions electra_classifier(const Json& json, const std::string& file) {
  return dense_classifier(read_electra_config(json, file), Activation::kGelu, num_labels(json, file));
}

// Always gelu, whatever the encoder's activation, in these two.
HeadOptions roberta_masked_lm(const Json& json, const std::string& file) {
  const BertConfig config = read_roberta_config(json, file);
  LanguageModelHeadOptions options = masked_lm_options(config, ConfigReader(json, file));
  options.transform = {"lm_head.dense", "lm_head.layer_norm", Activation::kGelu, config.layer_norm_eps};
  options.decoder = "lm_head.decoder";
  options.bias = "lm_head.bias";
  return options;
}

HeadOptions electra_masked_lm(const Json& json, const std::string& file) {
  const BertConfig config = read_electra_config(json, file);
  LanguageModelHeadOptions options = masked_lm_options(config, ConfigReader(json, file));
  options.transform = {"generator_predictions.dense", "generator_predictions.LayerNorm", Activation::kGelu,
                       config.layer_norm_eps};
  options.decoder = "generator_lm_head";
  options.bias = "generator_lm_head.bias";
  return options;
}

}  // namespace

Family bert_family() {
  return {.model_type = "bert",
          .base_prefix = "bert.",
          .heads = {{HeadKind::kNone, "BertModel", {}},
                    {HeadKind::kSequenceClassification, "BertForSequenceClassification", {bert_classifier}},
                    {HeadKind::kTokenClassification, "BertForTokenClassification", {bert_tokens<read_bert_config>}},
                    {HeadKind::kQuestionAnswering, "BertForQuestionAnswering", {bert_answers<read_bert_config>}},
                    {HeadKind::kMaskedLm, "BertForMaskedLM", {bert_masked_lm}},
                    {HeadKind::kPretraining, "BertForPreTraining", {bert_masked_lm, bert_sentence_pairs}}},
          .head_prefixes = {"classifier.", "cls.predictions.", "cls.seq_relationship.", "qa_outputs."},
          .dimensions = bert_dimensions,
          .override_dropout = override_bert_dropout};
}

Family roberta_family() {
  return {
      .model_type = "roberta",
      .base_prefix = "roberta.",
      .heads = {{HeadKind::kNone, "RobertaModel", {}},
                {HeadKind::kSequenceClassification, "RobertaForSequenceClassification", {roberta_classifier}},
                {HeadKind::kTokenClassification, "RobertaForTokenClassification", {bert_tokens<read_roberta_config>}},
                {HeadKind::kQuestionAnswering, "RobertaForQuestionAnswering", {bert_answers<read_roberta_config>}},
                {HeadKind::kMaskedLm, "RobertaForMaskedLM", {roberta_masked_lm}}},
      .head_prefixes = {"classifier.", "lm_head.", "qa_outputs."},
      .dimensions = roberta_dimensions,
      .override_dropout = override_bert_dropout};
}

// The same model as RoBERTa, under other class names.
Family xlm_roberta_family() {
  Family family = roberta_family();
  family.model_type = "xlm-roberta";
  family.heads = {
      {HeadKind::kNone, "XLMRobertaModel", {}},
      {HeadKind::kSequenceClassification, "XLMRobertaForSequenceClassification", {roberta_classifier}},
      {HeadKind::kTokenClassification, "XLMRobertaForTokenClassification", {bert_tokens<read_roberta_config>}},
      {HeadKind::kQuestionAnswering, "XLMRobertaForQuestionAnswering", {bert_answers<read_roberta_config>}},
      {HeadKind::kMaskedLm, "XLMRobertaForMaskedLM", {roberta_masked_lm}}};
  return family;
}

Family electra_family() {
  return {
      .model_type = "electra",
      .base_prefix = "electra.",
      .heads = {{HeadKind::kNone, "ElectraModel", {}},
                {HeadKind::kSequenceClassification, "ElectraForSequenceClassification", {electra_classifier}},
                {HeadKind::kTokenClassification, "ElectraForTokenClassification", {bert_tokens<read_electra_config>}},
                {HeadKind::kQuestionAnswering, "ElectraForQuestionAnswering", {bert_answers<read_electra_config>}},
                {HeadKind::kMaskedLm, "ElectraForMaskedLM", {electra_masked_lm}}},
      .head_prefixes = {"classifier.", "generator_predictions.", "generator_lm_head.", "discriminator_predictions.",
                        "qa_outputs."},
      .dimensions = electra_dimensions,
      .override_dropout = override_bert_dropout};
}

}  // namespace llmtool
