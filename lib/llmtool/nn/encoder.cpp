#include "llmtool/nn/encoder.h"

#include <ATen/Functions.h>

#include <numeric>
#include <string>

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
