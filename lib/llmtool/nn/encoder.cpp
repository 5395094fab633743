#include "llmtool/nn/encoder.h"

#include <string>

namespace llmtool {

Encoder::Encoder(const EncoderOptions& options, at::Device device) {
  for (std::int64_t index = 0; index < options.num_layers; ++index)
    layers.push_back(
        register_module("layer_" + std::to_string(index), std::make_shared<EncoderLayer>(options, device)));
}

EncoderResult Encoder::forward(const at::Tensor& embeddings, const SequenceLayout& layout,
                               const EncoderRequest& request) const {
  EncoderResult result;
  result.last_hidden_state = embeddings;
  if (request.hidden_states) result.hidden_states.push_back(embeddings);
  if (request.cache != nullptr) request.cache->begin(layout, static_cast<std::int64_t>(layers.size()));
  for (std::size_t index = 0; index < layers.size(); ++index) {
    const LayerRequest layer_request{request.attentions, request.cache, static_cast<std::int64_t>(index)};
    EncoderLayerResult step = layers[index]->forward(result.last_hidden_state, layout, layer_request);
    result.last_hidden_state = step.hidden_states;
    if (request.hidden_states) result.hidden_states.push_back(result.last_hidden_state);
    if (request.attentions) result.attentions.push_back(step.attention_weights);
  }
  if (request.cache != nullptr) request.cache->end();
  return result;
}

}  // namespace llmtool
