#include "llmtool/models/scoring_layers.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <string>

#include "llmtool/nn/activate.h"

namespace llmtool {

ScoringLayers::ScoringLayers(const ScoringLayersOptions& options, at::Device device) : options_(options) {
  const std::int64_t size = options.hidden_size;
  if (options.dense)
    dense_ = register_module("dense", std::make_shared<Linear>(size, size, device, options.dense->has_bias));
  if (options.dense && options.dense->norm)
    norm_ = register_module(
        "norm", std::make_shared<LayerNorm>(size, options.dense->norm->epsilon, device, options.dense->norm->has_bias));
  classifier_ =
      register_module("classifier", std::make_shared<Linear>(size, options.num_outputs, device, options.has_bias));
}

at::Tensor ScoringLayers::forward(const at::Tensor& vectors) const {
  at::Tensor state = vectors;
  if (dense_) {
    state = activate(dense_->forward(at::dropout(state, options_.input_dropout, is_training())),
                     options_.dense->activation);
    if (norm_) state = norm_->forward(state);
  }
  return classifier_->forward(at::dropout(state, options_.dropout, is_training()));
}

std::vector<WeightRow> ScoringLayers::weight_rows() const {
  std::vector<WeightRow> rows;
  const auto linear = [&](const std::string& name, const Linear& map, double initial_scale) {
    const std::size_t weight = rows.size();
    append_linear_rows(rows, name, map.weight, map.bias);
    rows[weight].initial_scale = initial_scale;
  };
  if (dense_) linear(options_.dense->name, *dense_, options_.dense->initial_scale);
  if (norm_) append_norm_rows(rows, options_.dense->norm->name, norm_->weight, norm_->bias);
  linear(options_.classifier, *classifier_, options_.classifier_scale);
  for (WeightRow& row : rows) row.initial_cutoff = options_.initial_cutoff;
  return rows;
}

void ScoringLayers::reorder_labels(const at::Tensor& order) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& parameter : {classifier_->weight, classifier_->bias})
    if (parameter.defined()) parameter.copy_(parameter.index_select(0, order));
}

}  // namespace llmtool
