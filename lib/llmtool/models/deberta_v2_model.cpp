#include "llmtool/models/deberta_v2_model.h"

#include <ATen/Functions.h>

namespace llmtool {
namespace {

void append_layer_rows(std::vector<WeightRow>& rows, const std::string& name, const DebertaV2Layer& layer) {
  const auto linear = [&](const char* part, const std::shared_ptr<Linear>& map) {
    if (map) append_linear_rows(rows, name + part, map->weight, map->bias);
  };
  linear("attention.self.query_proj", layer.attention->query);
  linear("attention.self.key_proj", layer.attention->key);
  linear("attention.self.value_proj", layer.attention->value);
  linear("attention.self.pos_key_proj", layer.attention->position_key);
  linear("attention.self.pos_query_proj", layer.attention->position_query);
  linear("attention.output.dense", layer.attention_output);
  append_norm_rows(rows, name + "attention.output.LayerNorm", layer.attention_norm->weight, layer.attention_norm->bias);
  linear("intermediate.dense", layer.intermediate);
  linear("output.dense", layer.output);
  append_norm_rows(rows, name + "output.LayerNorm", layer.output_norm->weight, layer.output_norm->bias);
}

void append_embeddings_rows(std::vector<WeightRow>& rows, const DebertaV2Embeddings& embeddings) {
  append_embedding_rows(rows, "embeddings.word_embeddings", *embeddings.word);
  if (embeddings.position) append_embedding_rows(rows, "embeddings.position_embeddings", *embeddings.position);
  if (embeddings.type) append_embedding_rows(rows, "embeddings.token_type_embeddings", *embeddings.type);
  if (embeddings.projection)
    append_linear_rows(rows, "embeddings.embed_proj", embeddings.projection->weight, embeddings.projection->bias);
  append_norm_rows(rows, "embeddings.LayerNorm", embeddings.norm->weight, embeddings.norm->bias);
}

}  // namespace

DebertaV2Model::DebertaV2Model(const DebertaV2Config& config, at::Device device) : config_(config) {
  embeddings_ = register_module("embeddings", std::make_shared<DebertaV2Embeddings>(config, device));
  if (config.relative_attention)
    positions_ = register_module(
        "positions", std::make_shared<Embedding>(2 * config.position_span(), config.hidden_size, std::nullopt, device));
  if (config.normalizes_positions)
    positions_norm_ = register_module("positions_norm",
                                      std::make_shared<LayerNorm>(config.hidden_size, config.layer_norm_eps, device));
  if (config.convolution)
    convolution_ = register_module("convolution", std::make_shared<DebertaV2ConvolutionLayer>(config, device));
  for (std::int64_t index = 0; index < config.num_hidden_layers; ++index)
    layers_.push_back(
        register_module("layer_" + std::to_string(index), std::make_shared<DebertaV2Layer>(config, device)));
}

RelativePositions DebertaV2Model::relative_positions(const SequenceLayout& layout) const {
  if (!positions_) return {};
  const at::Tensor places = at::arange(layout.max_length(), layout.positions().options());
  at::Tensor distances = places.unsqueeze(1) - places;
  if (config_.position_buckets > 0)
    distances = logarithmic_buckets(distances, config_.position_buckets, config_.max_relative_positions);
  return {positions_norm_ ? positions_norm_->forward(positions_->weight) : positions_->weight, distances};
}

ModelOutput DebertaV2Model::forward(const ModelInput& input, NeededTokens /*needed*/) const {
  const at::Tensor embedded = embeddings_->forward(input.input_ids, input.token_type_ids, input.layout);
  const RelativePositions positions = relative_positions(input.layout);
  ModelOutput output;
  at::Tensor hidden = embedded;
  for (std::size_t index = 0; index < layers_.size(); ++index) {
    if (input.return_hidden_states) output.hidden_states.push_back(hidden);
    const AttentionResult step = layers_[index]->forward(hidden, input.layout, positions);
    hidden = step.context;
    if (index == 0 && convolution_) hidden = convolution_->forward(embedded, hidden, input.layout);
    if (input.return_attentions) output.attentions.push_back(step.weights);
  }
  output.last_hidden_state = hidden;
  if (input.return_hidden_states) output.hidden_states.push_back(hidden);
  return output;
}

// Checkpoints may hold learned positions that the config leaves out.
std::vector<std::string> DebertaV2Model::optional_prefixes() const {
  if (config_.position_biased_input) return {};
  return {"embeddings.position_embeddings."};
}

std::vector<WeightRow> DebertaV2Model::weight_rows() const {
  std::vector<WeightRow> rows;
  append_embeddings_rows(rows, *embeddings_);
  for (std::size_t index = 0; index < layers_.size(); ++index)
    append_layer_rows(rows, "encoder.layer." + std::to_string(index) + ".", *layers_[index]);
  if (positions_) append_embedding_rows(rows, "encoder.rel_embeddings", *positions_);
  if (positions_norm_) append_norm_rows(rows, "encoder.LayerNorm", positions_norm_->weight, positions_norm_->bias);
  if (!convolution_) return rows;
  append_linear_rows(rows, "encoder.conv.conv", convolution_->weight, convolution_->bias);
  append_norm_rows(rows, "encoder.conv.LayerNorm", convolution_->norm->weight, convolution_->norm->bias);
  return rows;
}

}  // namespace llmtool
