#include "llmtool/models/classification_head.h"

#include <ATen/Functions.h>
#include <ATen/core/grad_mode.h>

#include <stdexcept>

#include "llmtool/nn/activate.h"

namespace llmtool {

ClassificationHead::ClassificationHead(const ClassificationHeadOptions& options, at::Device device)
    : options_(options) {
  const std::int64_t size = options.hidden_size;
  if (options.dense) dense_ = register_module("dense", std::make_shared<Linear>(size, size, device));
  classifier_ =
      register_module("classifier", std::make_shared<Linear>(size, options.num_labels, device, options.has_bias));
}

at::Tensor ClassificationHead::summarize(const ModelOutput& output, const SequenceLayout& layout) const {
  switch (options_.summary) {
    case SequenceSummary::kPooled:
      return output.pooled;
    case SequenceSummary::kFirstToken:
      return output.last_hidden_state.index_select(0, layout.first_rows());
    case SequenceSummary::kLastToken:
      return output.last_hidden_state.index_select(0, layout.last_rows());
  }
  throw std::logic_error("a sequence summary without a rule");
}

at::Tensor ClassificationHead::forward(const ModelOutput& output, const SequenceLayout& layout) const {
  at::Tensor state = summarize(output, layout);
  if (dense_)
    state = activate(dense_->forward(at::dropout(state, options_.input_dropout, is_training())),
                     options_.dense->activation);
  return classifier_->forward(at::dropout(state, options_.dropout, is_training()));
}

std::vector<WeightRow> ClassificationHead::weight_rows() const {
  std::vector<WeightRow> rows;
  if (dense_) append_linear_rows(rows, options_.dense->name, dense_->weight, dense_->bias);
  append_linear_rows(rows, options_.classifier, classifier_->weight, classifier_->bias);
  return rows;
}

void ClassificationHead::reorder_labels(const at::Tensor& order) {
  const at::NoGradGuard no_grad;
  for (const at::Tensor& parameter : {classifier_->weight, classifier_->bias})
    if (parameter.defined()) parameter.copy_(parameter.index_select(0, order));
}

}  // namespace llmtool
