#include "llmtool/models/classification_head.h"

#include <ATen/Functions.h>

#include <stdexcept>

#include "llmtool/nn/pooling.h"

namespace llmtool {

ClassificationHead::ClassificationHead(const ClassificationHeadOptions& options, const TextBody& /*body*/,
                                       at::Device device)
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

at::Tensor classification_logits(const Model& model, const ModelInput& input) {
  return model.head<ClassificationHead>().forward(model.forward(input), input);
}

}  // namespace llmtool
