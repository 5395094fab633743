#include "llmtool/models/toy_head.h"

#include <ATen/Functions.h>

namespace llmtool {

ToyHead::ToyHead(const ToyHeadOptions& options, at::Device device)
    : map_(register_module("map", std::make_shared<Linear>(options.hidden_size, 1, device))) {}

at::Tensor ToyHead::forward(const ModelOutput& output, const ModelInput& input) const {
  if (output.has_first_tokens_only) return map_->forward(output.last_hidden_state);
  return map_->forward(output.last_hidden_state.index_select(0, input.layout.first_rows()));
}

std::vector<WeightRow> ToyHead::weight_rows() const {
  std::vector<WeightRow> rows;
  append_linear_rows(rows, "toy_head", map_->weight, map_->bias);
  return rows;
}

std::shared_ptr<Head> make_head(const ToyHeadOptions& options, const TextBody& /*body*/, at::Device device) {
  return std::make_shared<ToyHead>(options, device);
}

at::Tensor toy_numbers(const Model& model, const ModelInput& input) {
  return model.head<ToyHead>().forward(model.forward(input), input);
}

}  // namespace llmtool
