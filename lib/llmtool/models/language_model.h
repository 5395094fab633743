#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "llmtool/models/assembled_model.h"

namespace llmtool {

// A body with a language-model head: masked (kMaskedLm), masked with sentence pairs (kPretraining) or causal
// (kCausalLm). Logits are not part of forward(): they are large, and a loss needs them for some rows only.
class LanguageModel : public AssembledModel {
 public:
  // `sentence_pair_head` is null but for kPretraining.
  LanguageModel(Json config, HeadKind head_kind, std::shared_ptr<TextModel> body,
                std::shared_ptr<LanguageModelHead> head, std::shared_ptr<SentencePairHead> sentence_pair_head);

  // Hidden states; head().logits(output.last_hidden_state) are the scores of the next, or the masked, token.
  ModelOutput forward(const ModelInput& input) const { return body().forward(input); }

  const LanguageModelHead& head() const { return *head_; }
  // Null but for kPretraining.
  const SentencePairHead* sentence_pair_head() const { return sentence_pair_head_.get(); }

  std::vector<WeightRow> head_rows() const override;
  std::vector<TiedWeight> tied_weights() const override;

 protected:
  void resize_heads(std::int64_t new_size) override { head_->resize_vocabulary(new_size); }

 private:
  std::shared_ptr<LanguageModelHead> head_;
  std::shared_ptr<SentencePairHead> sentence_pair_head_;
};

}  // namespace llmtool
