#include "llmtool/models/language_model.h"

#include <stdexcept>

namespace llmtool {
namespace {

// The stored name of the word embedding.
std::string embedding_name(const std::vector<WeightRow>& rows, const at::Tensor& weight) {
  for (const WeightRow& row : rows)
    if (row.tensor.is_same(weight)) return row.name;
  throw std::logic_error("the word embedding is not among the body's weights");
}

}  // namespace

LanguageModel::LanguageModel(Json config, HeadKind head_kind, std::shared_ptr<TextModel> body,
                             std::shared_ptr<LanguageModelHead> head,
                             std::shared_ptr<SentencePairHead> sentence_pair_head)
    : AssembledModel(std::move(config), head_kind, std::move(body)),
      head_(std::move(head)),
      sentence_pair_head_(std::move(sentence_pair_head)) {
  register_module("head", head_);
  if (sentence_pair_head_) register_module("sentence_pair_head", sentence_pair_head_);
}

std::vector<WeightRow> LanguageModel::head_rows() const {
  std::vector<WeightRow> rows = head_->weight_rows();
  if (!sentence_pair_head_) return rows;
  for (WeightRow& row : sentence_pair_head_->weight_rows()) rows.push_back(std::move(row));
  return rows;
}

std::vector<TiedWeight> LanguageModel::tied_weights() const {
  return head_->tied_weights(embedding_name(weight_rows(), body().word_embedding()->weight));
}

}  // namespace llmtool
