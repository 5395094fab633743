#include "llmtool/models/bert_model.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <stdexcept>

namespace llmtool {
namespace {

TextEmbeddingsOptions embeddings_options(const BertConfig& config) {
  TextEmbeddingsOptions options;
  options.vocabulary_size = config.vocab_size;
  options.num_positions = config.max_position_embeddings;
  options.num_types = config.type_vocab_size;
  options.hidden_size = config.hidden_size;
  options.padding_id = config.pad_token_id;
  options.dropout = config.hidden_dropout_prob;
  options.layer_norm_epsilon = config.layer_norm_eps;
  return options;
}

EncoderOptions encoder_options(const BertConfig& config) {
  EncoderOptions options;
  options.num_layers = config.num_hidden_layers;
  options.hidden_size = config.hidden_size;
  options.num_heads = config.num_attention_heads;
  options.intermediate_size = config.intermediate_size;
  options.activation = config.hidden_act;
  options.hidden_dropout = config.hidden_dropout_prob;
  options.attention_dropout = config.attention_probs_dropout_prob;
  options.layer_norm_epsilon = config.layer_norm_eps;
  return options;
}

void append_layer_rows(std::vector<WeightRow>& rows, const std::string& name, const EncoderLayer& layer) {
  const auto linear = [&](const char* part, const Linear& map) {
    append_linear_rows(rows, name + part, map.weight, map.bias);
  };
  const auto norm = [&](const char* part, const LayerNorm& map) {
    append_norm_rows(rows, name + part, map.weight, map.bias);
  };
  linear("attention.self.query", *layer.self_attention->query);
  linear("attention.self.key", *layer.self_attention->key);
  linear("attention.self.value", *layer.self_attention->value);
  linear("attention.output.dense", *layer.attention_output);
  norm("attention.output.LayerNorm", *layer.attention_norm);
  linear("intermediate.dense", *layer.intermediate);
  linear("output.dense", *layer.output);
  norm("output.LayerNorm", *layer.output_norm);
}

}  // namespace

BertModel::BertModel(const BertConfig& config, at::Device device) : config_(config) {
  embeddings_ = register_module("embeddings", std::make_shared<TextEmbeddings>(embeddings_options(config), device));
  encoder_ = register_module("encoder", std::make_shared<Encoder>(encoder_options(config), device));
  pooler_ = register_module("pooler", std::make_shared<Linear>(config.hidden_size, config.hidden_size, device));
}

ModelOutput BertModel::forward(const ModelInput& input) const {
  const at::Tensor embedded = embeddings_->forward(input.input_ids, input.token_type_ids, input.layout);
  EncoderResult encoded =
      encoder_->forward(embedded, input.layout, {input.return_hidden_states, input.return_attentions});
  const at::Tensor first = encoded.last_hidden_state.index_select(0, input.layout.first_rows());
  return {encoded.last_hidden_state, at::tanh(pooler_->forward(first)), std::move(encoded.hidden_states),
          std::move(encoded.attentions)};
}

std::shared_ptr<Head> BertModel::make_head(HeadKind kind, std::int64_t num_labels, at::Device device) const {
  switch (kind) {
    case HeadKind::kSequenceClassification:
      return std::make_shared<BertSequenceClassificationHead>(config_, num_labels, device);
  }
  throw std::logic_error("a kind of head without a class");
}

std::string BertModel::architecture(HeadKind kind) const {
  switch (kind) {
    case HeadKind::kSequenceClassification:
      return "BertForSequenceClassification";
  }
  throw std::logic_error("a kind of head without an architecture");
}

std::vector<WeightRow> BertModel::weight_rows() const {
  std::vector<WeightRow> rows;
  rows.push_back({"embeddings.word_embeddings.weight", embeddings_->word->weight});
  rows.push_back({"embeddings.position_embeddings.weight", embeddings_->position->weight});
  rows.push_back({"embeddings.token_type_embeddings.weight", embeddings_->type->weight});
  append_norm_rows(rows, "embeddings.LayerNorm", embeddings_->layer_norm->weight, embeddings_->layer_norm->bias);
  for (std::size_t index = 0; index < encoder_->layers.size(); ++index)
    append_layer_rows(rows, "encoder.layer." + std::to_string(index) + ".", *encoder_->layers[index]);
  append_linear_rows(rows, "pooler.dense", pooler_->weight, pooler_->bias);
  return rows;
}

ModelDimensions BertModel::dimensions() const {
  return {config_.vocab_size, config_.max_position_embeddings, config_.type_vocab_size};
}

BertSequenceClassificationHead::BertSequenceClassificationHead(const BertConfig& config, std::int64_t num_labels,
                                                               at::Device device)
    : dropout_(config.classifier_dropout.value_or(config.hidden_dropout_prob)) {
  classifier_ = register_module("classifier", std::make_shared<Linear>(config.hidden_size, num_labels, device));
}

at::Tensor BertSequenceClassificationHead::forward(const ModelOutput& output, const SequenceLayout&) const {
  return classifier_->forward(at::dropout(output.pooled, dropout_, is_training()));
}

std::vector<WeightRow> BertSequenceClassificationHead::weight_rows() const {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, "classifier", classifier_->weight, classifier_->bias);
  return rows;
}

void BertSequenceClassificationHead::reorder_labels(const at::Tensor& order) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& parameter : {classifier_->weight, classifier_->bias})
    parameter.copy_(parameter.index_select(0, order));
}

}  // namespace llmtool
