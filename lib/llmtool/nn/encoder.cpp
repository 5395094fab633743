#include "llmtool/nn/encoder.h"

#include <ATen/Functions.h>

#include <numeric>
#include <stdexcept>
#include <string>
#include <utility>

#include "llmtool/kernels/elementwise.h"
#include "llmtool/nn/layers.h"

namespace llmtool {
namespace {

// oneDNN compiles a kernel for every number of rows it meets: batches of real texts would need hundreds, which cost
// time to make and memory to keep. Rounded up, they share a few.
constexpr std::int64_t kRowMultiple = 16;

at::Tensor pad_rows(const at::Tensor& rows) {
  const std::int64_t missing = (kRowMultiple - rows.size(0) % kRowMultiple) % kRowMultiple;
  return missing == 0 ? rows : at::constant_pad_nd(rows, {0, 0, 0, missing});
}

}  // namespace

SelfAttention::SelfAttention(const EncoderOptions& options, at::Device device) {
  options_.num_heads = options.num_heads;
  options_.dropout = options.attention_dropout;
  options_.is_causal = options.is_causal;
  const std::int64_t size = options.hidden_size;
  if (options.has_fused_projection) {
    query_key_value = register_module("query_key_value", std::make_shared<Linear>(size, 3 * size, device));
    return;
  }
  query = register_module("query", std::make_shared<Linear>(size, size, device));
  key = register_module("key", std::make_shared<Linear>(size, size, device));
  value = register_module("value", std::make_shared<Linear>(size, size, device));
}

std::vector<at::Tensor> SelfAttention::project(const at::Tensor& hidden_states,
                                               const std::vector<std::shared_ptr<Linear>>& maps) const {
  // Joining the weights takes longer than it saves where no gradients follow.
  if (uses_kernels() && is_training()) return {forward_jointly(hidden_states, maps)};
  std::vector<at::Tensor> outputs;
  outputs.reserve(maps.size());
  for (const auto& map : maps) outputs.push_back(map->forward(hidden_states));
  return outputs;
}

AttentionOperands SelfAttention::operands(const at::Tensor& hidden_states) const {
  if (query_key_value) return AttentionOperands({query_key_value->forward(hidden_states)});
  return AttentionOperands(project(hidden_states, {query, key, value}));
}

AttentionResult SelfAttention::attend_from_first_tokens(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                                        const AttentionOptions& options) const {
  if (options.is_causal || query_key_value)
    throw std::logic_error("first tokens alone need plain bidirectional layers");
  const SequenceLayout queries(std::vector<std::int64_t>(layout.lengths().size(), 1), hidden_states.device());
  std::vector<at::Tensor> tensors = project(hidden_states, {key, value});
  tensors.insert(tensors.begin(), query->forward(hidden_states.index_select(0, layout.first_rows())));
  return attention(AttentionOperands(std::move(tensors)), queries, layout, options);
}

AttentionResult SelfAttention::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                       const LayerRequest& request) const {
  AttentionOptions options = options_;
  if (!is_training()) options.dropout = 0.0;
  options.return_weights = request.attention_weights;
  options.use_kernel = uses_kernels();
  if (request.first_tokens_only) return attend_from_first_tokens(hidden_states, layout, options);
  if (request.cache == nullptr) return attention(operands(hidden_states), layout, layout, options);
  if (!options.is_causal) throw std::logic_error("a key-value cache needs causal attention");
  return request.cache->attend(request.layer, operands(hidden_states), layout, options);
}

EncoderLayer::EncoderLayer(const EncoderOptions& options, at::Device device)
    : activation_(options.activation),
      attention_output_dropout_(options.attention_output_dropout),
      intermediate_dropout_(options.intermediate_dropout),
      output_dropout_(options.output_dropout),
      is_pre_norm_(options.is_pre_norm) {
  const std::int64_t size = options.hidden_size;
  const std::int64_t inner = options.intermediate_size;
  const double epsilon = options.layer_norm_epsilon;
  self_attention = register_module("self_attention", std::make_shared<SelfAttention>(options, device));
  attention_output = register_module("attention_output", std::make_shared<Linear>(size, size, device));
  attention_norm = register_module("attention_norm", std::make_shared<LayerNorm>(size, epsilon, device));
  intermediate = register_module("intermediate", std::make_shared<Linear>(size, inner, device));
  output = register_module("output", std::make_shared<Linear>(inner, size, device));
  output_norm = register_module("output_norm", std::make_shared<LayerNorm>(size, epsilon, device));
}

double EncoderLayer::rate(double dropout) const { return is_training() ? dropout : 0.0; }

at::Tensor EncoderLayer::perceptron(const at::Tensor& input) const {
  const at::Tensor inner = activate(intermediate->forward(input), activation_, uses_kernels());
  return output->forward(dropout(inner, rate(intermediate_dropout_)));
}

EncoderLayerResult EncoderLayer::forward(const at::Tensor& hidden_states, const SequenceLayout& layout,
                                         const LayerRequest& request) const {
  const at::Tensor input = is_pre_norm_ ? attention_norm->forward(hidden_states) : hidden_states;
  const AttentionResult attended = self_attention->forward(input, layout, request);
  const at::Tensor update = attention_output->forward(attended.context);
  const at::Tensor residual =
      request.first_tokens_only ? hidden_states.index_select(0, layout.first_rows()) : hidden_states;
  if (is_pre_norm_) {
    const at::Tensor middle = dropout(update, rate(attention_output_dropout_)) + residual;
    const at::Tensor last = perceptron(output_norm->forward(middle));
    return {dropout(last, rate(output_dropout_)) + middle, attended.weights};
  }
  const at::Tensor middle = attention_norm->forward_sum(update, residual, rate(attention_output_dropout_));
  return {output_norm->forward_sum(perceptron(middle), middle, rate(output_dropout_)), attended.weights};
}

Encoder::Encoder(const EncoderOptions& options, at::Device device) : order_(options.layer_order) {
  for (std::int64_t index = 0; index < options.num_layers; ++index)
    layers.push_back(
        register_module("layer_" + std::to_string(index), std::make_shared<EncoderLayer>(options, device)));
  if (!order_.empty()) return;
  order_.resize(layers.size());
  std::iota(order_.begin(), order_.end(), 0);
}

EncoderResult Encoder::forward(const at::Tensor& embeddings, const SequenceLayout& layout,
                               const EncoderRequest& request) const {
  EncoderResult result;
  result.last_hidden_state = layers.empty() ? embeddings : embeddings.to(layers.front()->number_type());
  const bool is_padded = uses_kernels() && embeddings.is_cpu() && !request.hidden_states && request.cache == nullptr;
  if (is_padded) result.last_hidden_state = pad_rows(result.last_hidden_state);
  if (request.hidden_states) result.hidden_states.push_back(result.last_hidden_state);
  if (request.cache != nullptr) request.cache->begin(layout, static_cast<std::int64_t>(order_.size()));
  for (std::size_t place = 0; place < order_.size(); ++place) {
    const EncoderLayer& layer = *layers.at(static_cast<std::size_t>(order_[place]));
    const LayerRequest layer_request{request.attentions, request.cache, static_cast<std::int64_t>(place),
                                     request.first_tokens_only && place + 1 == order_.size()};
    EncoderLayerResult step = layer.forward(result.last_hidden_state, layout, layer_request);
    result.last_hidden_state = step.hidden_states;
    if (request.hidden_states) result.hidden_states.push_back(result.last_hidden_state);
    if (request.attentions) result.attentions.push_back(step.attention_weights);
  }
  if (request.cache != nullptr) request.cache->end();
  if (is_padded && !request.first_tokens_only)
    result.last_hidden_state = result.last_hidden_state.narrow(0, 0, layout.num_tokens());
  return result;
}

}  // namespace llmtool
