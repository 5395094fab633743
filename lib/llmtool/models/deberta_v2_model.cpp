#include "llmtool/models/deberta_v2_model.h"

#include <ATen/Functions.h>

#include <cmath>

#include "llmtool/kernels/elementwise.h"
#include "llmtool/nn/attention.h"
#include "llmtool/nn/layers.h"

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

// make_log_bucket_position of transformers, in its fp32 arithmetic, because a rounding decides a bucket.
at::Tensor logarithmic_buckets(const at::Tensor& distances, std::int64_t num_buckets, std::int64_t max_distance) {
  const std::int64_t middle = num_buckets / 2;
  const at::Tensor magnitudes = at::where((distances < middle).logical_and(distances > -middle),
                                          at::full_like(distances, middle - 1), distances.abs());
  const double reach = static_cast<double>(max_distance - 1) / static_cast<double>(middle);
  const at::Tensor whole = at::full({}, reach, distances.options().dtype(at::kFloat)).log();
  const at::Tensor shares = (magnitudes / middle).log() / whole;  // of the logarithmic part
  const at::Tensor logarithmic = (shares * (middle - 1)).ceil() + middle;
  return at::where(magnitudes <= middle, distances.to(at::kFloat), logarithmic * distances.sign()).to(at::kLong);
}

DisentangledAttention::DisentangledAttention(const DebertaV2Config& config, at::Device device) : config_(config) {
  const auto linear = [&](const char* name) {
    return register_module(name, std::make_shared<Linear>(config.hidden_size, config.hidden_size, device));
  };
  query = linear("query");
  key = linear("key");
  value = linear("value");
  if (!config.relative_attention || config.share_att_key) return;
  if (config.content_to_position) position_key = linear("position_key");
  if (config.position_to_content) position_query = linear("position_query");
}

double DisentangledAttention::divisor() const {
  const std::int64_t num_scores = 1 + (config_.content_to_position ? 1 : 0) + (config_.position_to_content ? 1 : 0);
  const std::int64_t head_size = config_.hidden_size / config_.num_attention_heads;
  return std::sqrt(static_cast<double>(head_size * num_scores));
}

at::Tensor DisentangledAttention::position_heads(const Linear& map, const at::Tensor& embeddings) const {
  const at::Tensor rows = map.forward(embeddings);
  return rows.view({rows.size(0), config_.num_attention_heads, -1}).permute({1, 2, 0});
}

at::Tensor DisentangledAttention::position_scores(const at::Tensor& queries, const at::Tensor& keys,
                                                  const RelativePositions& positions) const {
  const std::int64_t span = config_.position_span();
  const at::Tensor embeddings = at::dropout(positions.embeddings, config_.hidden_dropout_prob, is_training());
  // Picks from scores against every position those of the pairs' distances. [sequences, heads, longest, longest]
  const auto pick = [&](const at::Tensor& scores, const at::Tensor& buckets) {
    const at::Tensor rows = (buckets + span).clamp(0, 2 * span - 1);
    return scores.gather(-1, rows.expand({scores.size(0), scores.size(1), -1, -1}));
  };
  at::Tensor sum;
  if (config_.content_to_position) {
    const at::Tensor heads = position_heads(position_key ? *position_key : *key, embeddings);
    sum = pick(at::matmul(queries, heads), positions.buckets);
  }
  if (config_.position_to_content) {
    const at::Tensor heads = position_heads(position_query ? *position_query : *query, embeddings);
    const at::Tensor scores = pick(at::matmul(keys, heads), -positions.buckets).transpose(-1, -2);
    sum = sum.defined() ? sum + scores : scores;
  }
  return sum.defined() ? sum / divisor() : sum;
}

AttentionResult DisentangledAttention::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                               const RelativePositions& positions) const {
  const auto heads_of = [&](const Linear& map) {
    return pad_heads(map.forward(hidden_states), layout, config_.num_attention_heads);
  };
  PaddedHeads heads{heads_of(*query), heads_of(*key), heads_of(*value)};
  if (!layout.is_uniform()) heads.hidden = layout.padding_mask().unsqueeze(1).unsqueeze(1);
  if (positions.embeddings.defined()) heads.bias = position_scores(heads.queries, heads.keys, positions);
  heads.divisor = divisor();
  return padded_attention(heads, layout, is_training() ? config_.attention_probs_dropout_prob : 0.0);
}

DebertaV2Embeddings::DebertaV2Embeddings(const DebertaV2Config& config, at::Device device)
    : dropout_(config.hidden_dropout_prob) {
  const std::int64_t size = config.embedding_size;
  word = register_module("word", std::make_shared<Embedding>(config.vocab_size, size, config.pad_token_id, device));
  if (config.position_biased_input)
    position = register_module("position",
                               std::make_shared<Embedding>(config.max_position_embeddings, size, std::nullopt, device));
  if (config.type_vocab_size > 0)
    type = register_module("type", std::make_shared<Embedding>(config.type_vocab_size, size, std::nullopt, device));
  if (size != config.hidden_size)
    projection = register_module("projection", std::make_shared<Linear>(size, config.hidden_size, device, false));
  norm = register_module("norm", std::make_shared<LayerNorm>(config.hidden_size, config.layer_norm_eps, device));
}

at::Tensor DebertaV2Embeddings::forward(const at::Tensor& input_ids, const at::Tensor& type_ids,
                                        const SequenceLayout& layout) const {
  at::Tensor sum = word->forward(input_ids);
  if (position) sum = sum + position->forward(layout.positions());
  if (type) sum = sum + type->forward(type_ids.defined() ? type_ids : at::zeros_like(input_ids));
  if (projection) sum = projection->forward(sum);
  return dropout(norm->forward(sum), is_training() ? dropout_ : 0.0);
}

DebertaV2ConvolutionLayer::DebertaV2ConvolutionLayer(const DebertaV2Config& config, at::Device device)
    : convolution_(*config.convolution), dropout_(config.hidden_dropout_prob) {
  const auto numbers = at::TensorOptions().dtype(at::kFloat).device(device);
  const std::int64_t size = config.hidden_size;
  weight =
      register_parameter("weight", at::empty({size, size / convolution_.groups, convolution_.kernel_size}, numbers));
  bias = register_parameter("bias", at::empty({size}, numbers));
  norm = register_module("norm", std::make_shared<LayerNorm>(size, config.layer_norm_eps, device));
}

at::Tensor DebertaV2ConvolutionLayer::forward(const at::Tensor& input, const at::Tensor& layer_output,
                                              const SequenceLayout& layout) const {
  const std::int64_t num_slots = layout.num_sequences() * layout.max_length();
  at::Tensor padded = input.to(weight.scalar_type());
  // Zeros beyond a text's end, as convolution has them at the ends of a batch.
  if (!layout.is_uniform())
    padded = at::zeros({num_slots, input.size(1)}, padded.options()).index_copy(0, layout.packed_to_padded(), padded);
  const at::Tensor channels =
      padded.view({layout.num_sequences(), layout.max_length(), -1}).transpose(1, 2);  // [sequences, hidden, longest]
  const at::Tensor convolved =
      at::conv1d(channels, weight, bias, 1, (convolution_.kernel_size - 1) / 2, 1, convolution_.groups)
          .transpose(1, 2)
          .reshape({num_slots, -1});
  const at::Tensor rows = layout.is_uniform() ? convolved : convolved.index_select(0, layout.packed_to_padded());
  return norm->forward(layer_output + activate(dropout(rows, is_training() ? dropout_ : 0.0), convolution_.activation));
}

DebertaV2Layer::DebertaV2Layer(const DebertaV2Config& config, at::Device device)
    : activation_(config.hidden_act), dropout_(config.hidden_dropout_prob) {
  const std::int64_t size = config.hidden_size;
  attention = register_module("attention", std::make_shared<DisentangledAttention>(config, device));
  attention_output = register_module("attention_output", std::make_shared<Linear>(size, size, device));
  attention_norm = register_module("attention_norm", std::make_shared<LayerNorm>(size, config.layer_norm_eps, device));
  intermediate = register_module("intermediate", std::make_shared<Linear>(size, config.intermediate_size, device));
  output = register_module("output", std::make_shared<Linear>(config.intermediate_size, size, device));
  output_norm = register_module("output_norm", std::make_shared<LayerNorm>(size, config.layer_norm_eps, device));
}

at::Tensor DebertaV2Layer::add(const at::Tensor& update, const at::Tensor& residual) const {
  return dropout(update, is_training() ? dropout_ : 0.0) + residual;
}

AttentionResult DebertaV2Layer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                        const RelativePositions& positions) const {
  const AttentionResult attended = attention->forward(hidden_states, layout, positions);
  const at::Tensor middle = attention_norm->forward(add(attention_output->forward(attended.context), hidden_states));
  const at::Tensor inner = activate(intermediate->forward(middle), activation_);
  return {output_norm->forward(add(output->forward(inner), middle)), attended.weights};
}

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
