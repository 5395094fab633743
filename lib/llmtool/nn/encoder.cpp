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
  for (const auto& layer : layers) {
    EncoderLayerResult step = layer->forward(result.last_hidden_state, layout, request.attentions);
    result.last_hidden_state = step.hidden_states;
    if (request.hidden_states) result.hidden_states.push_back(result.last_hidden_state);
    if (request.attentions) result.attentions.push_back(step.attention_weights);
  }
  return result;
}

}  // namespace llmtool
