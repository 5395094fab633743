#include "llmtool/generation/incremental_decoder.h"

#include <ATen/Functions.h>

#include "llmtool/core/errors.h"
#include "llmtool/models/language_model_head.h"

namespace llmtool {

at::Tensor IncrementalDecoder::append(const std::vector<std::vector<std::int64_t>>& new_ids) {
  std::vector<std::int64_t> ids, lengths;
  for (const std::vector<std::int64_t>& text : new_ids) {
    ids.insert(ids.end(), text.begin(), text.end());
    lengths.push_back(static_cast<std::int64_t>(text.size()));
  }
  const at::Device device = model_.body().word_embedding()->weight.device();
  ModelInput input{at::tensor(ids, at::kLong).to(device), at::Tensor(), cache_.continued_layout(lengths, device)};
  input.cache = &cache_;
  const at::Tensor hidden = model_.forward(input).last_hidden_state;
  const at::Tensor last = hidden.index_select(0, input.layout.last_rows());  // [texts, hidden]
  const at::Tensor scores = model_.head<LanguageModelHead>().logits(last).to(at::kCPU, at::kFloat);
  if (!scores.isfinite().all().item<bool>())
    throw NonFiniteError("the model's scores for the next token are not finite; its weights are damaged");
  return scores;
}

at::Tensor IncrementalDecoder::append(const std::vector<std::int64_t>& new_ids) {
  std::vector<std::vector<std::int64_t>> texts;
  for (const std::int64_t id : new_ids) texts.push_back({id});
  return append(texts);
}

}  // namespace llmtool
