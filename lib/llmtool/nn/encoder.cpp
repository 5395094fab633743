#include "llmtool/nn/encoder.h"

#include <numeric>
#include <string>

namespace llmtool {

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
  result.last_hidden_state = embeddings;
  if (request.hidden_states) result.hidden_states.push_back(embeddings);
  if (request.cache != nullptr) request.cache->begin(layout, static_cast<std::int64_t>(order_.size()));
  for (std::size_t place = 0; place < order_.size(); ++place) {
    const EncoderLayer& layer = *layers.at(static_cast<std::size_t>(order_[place]));
    const LayerRequest layer_request{request.attentions, request.cache, static_cast<std::int64_t>(place)};
    EncoderLayerResult step = layer.forward(result.last_hidden_state, layout, layer_request);
    result.last_hidden_state = step.hidden_states;
    if (request.hidden_states) result.hidden_states.push_back(result.last_hidden_state);
    if (request.attentions) result.attentions.push_back(step.attention_weights);
  }
  if (request.cache != nullptr) request.cache->end();
  return result;
}

}  // namespace llmtool
