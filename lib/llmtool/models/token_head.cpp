#include "llmtool/models/token_head.h"

namespace llmtool {

TokenHead::TokenHead(const TokenHeadOptions& options, const TextBody& /*body*/, at::Device device)
    : layers_(register_module("layers", std::make_shared<ScoringLayers>(options, device))) {}

at::Tensor token_logits(const Model& model, const ModelInput& input) {
  return model.head<TokenHead>().forward(model.forward(input).last_hidden_state);
}

}  // namespace llmtool
