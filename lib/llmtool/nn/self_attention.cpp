#include "llmtool/nn/self_attention.h"

#include <ATen/Functions.h>

#include <stdexcept>
#include <utility>

namespace llmtool {

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

}  // namespace llmtool
