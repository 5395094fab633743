#include "llmtool/models/scoring_heads.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <stdexcept>
#include <string>

#include "llmtool/nn/layers.h"
#include "llmtool/nn/pooling.h"

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

ClassificationHead::ClassificationHead(const ClassificationHeadOptions& options, at::Device device)
    : options_(options), layers_(register_module("layers", std::make_shared<ScoringLayers>(options, device))) {}

bool ClassificationHead::reads_first_tokens_only() const {
  return options_.summary == SequenceSummary::kPooled || options_.summary == SequenceSummary::kFirstToken;
}

// int64 [sequences]: of the last token that is not the padding id; of the first where all are, as in transformers.
at::Tensor ClassificationHead::last_rows(const ModelInput& input) const {
  const SequenceLayout& layout = input.layout;
  if (!options_.padding_id) return layout.last_rows();
  const at::Tensor ids = input.input_ids.to(at::kCPU).contiguous();
  const std::int64_t* id = ids.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> rows;
  for (std::int64_t sequence = 0; sequence < layout.num_sequences(); ++sequence) {
    const std::int64_t first = layout.offsets()[static_cast<std::size_t>(sequence)];
    std::int64_t row = layout.offsets()[static_cast<std::size_t>(sequence) + 1] - 1;
    while (row > first && id[row] == *options_.padding_id) --row;
    rows.push_back(row);
  }
  return at::tensor(rows, at::kLong).to(input.input_ids.device());
}

at::Tensor ClassificationHead::summarize(const ModelOutput& output, const ModelInput& input) const {
  switch (options_.summary) {
    case SequenceSummary::kPooled:
      return output.pooled;
    case SequenceSummary::kFirstToken:
      if (output.has_first_tokens_only) return output.last_hidden_state;
      return output.last_hidden_state.index_select(0, input.layout.first_rows());
    case SequenceSummary::kLastToken:
      return output.last_hidden_state.index_select(0, last_rows(input));
    case SequenceSummary::kMean:
      return pool_tokens(output.last_hidden_state, input.layout, Pooling::kMean);
  }
  throw std::logic_error("a sequence summary without a rule");
}

at::Tensor ClassificationHead::forward(const ModelOutput& output, const ModelInput& input) const {
  return layers_->forward(summarize(output, input));
}

bool ClassificationHead::set_missing_padding_id(std::int64_t id) {
  if (options_.summary != SequenceSummary::kLastToken || options_.padding_id) return false;
  options_.padding_id = id;
  return true;
}

std::shared_ptr<Head> make_head(const ClassificationHeadOptions& options, const TextBody& /*body*/, at::Device device) {
  return std::make_shared<ClassificationHead>(options, device);
}

at::Tensor classification_logits(const Model& model, const ModelInput& input) {
  return model.head<ClassificationHead>().forward(model.forward(input), input);
}

TokenHead::TokenHead(const TokenHeadOptions& options, at::Device device)
    : layers_(register_module("layers", std::make_shared<ScoringLayers>(options, device))) {}

std::shared_ptr<Head> make_head(const TokenHeadOptions& options, const TextBody& /*body*/, at::Device device) {
  return std::make_shared<TokenHead>(options, device);
}

at::Tensor token_logits(const Model& model, const ModelInput& input) {
  return model.head<TokenHead>().forward(model.forward(input).last_hidden_state);
}

}  // namespace llmtool
