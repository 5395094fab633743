#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/head.h"
#include "llmtool/models/head_options.h"
#include "llmtool/nn/embeddings.h"
#include "llmtool/nn/layers.h"

namespace llmtool {

// The last, largest step of a language model, so that a loss can take it for selected rows and in chunks.
struct VocabularyProjection {
  at::Tensor weight;  // [vocab, embedding]
  at::Tensor bias;    // [vocab]; undefined for families without one
};

// Scores every id of the vocabulary for each row: a transform, or none, and a linear map back through the embedding.
class LanguageModelHead : public Head {
 public:
  LanguageModelHead(const LanguageModelHeadOptions& options, const TextBody& body, at::Device device);

  // [rows, hidden] -> [rows, embedding]: all of the head but the projection.
  at::Tensor features(const at::Tensor& hidden) const;
  VocabularyProjection projection() const;
  // [rows, hidden] -> [rows, vocab]
  at::Tensor logits(const at::Tensor& hidden) const;

  // Without the projection's weight when it is tied. Untied, a bias with two names is listed under both.
  std::vector<WeightRow> weight_rows() const override;
  std::vector<TiedWeight> tied_weights(const std::string& embedding) const override;
  // New rows of an own weight are the mean of the old, new biases 0.
  void resize_vocabulary(std::int64_t new_size) override;

 private:
  bool bias_has_two_names() const;
  // Of the projection when it is not tied.
  void append_own_rows(std::vector<WeightRow>& rows) const;

  LanguageModelHeadOptions options_;
  std::shared_ptr<Embedding> word_embedding_;  // the body's; not registered here
  std::shared_ptr<Linear> dense_;              // null without a transform
  std::shared_ptr<LayerNorm> norm_;            // null without a transform
  at::Tensor own_weight_;                      // undefined when tied
  at::Tensor bias_;                            // undefined without a bias
};

// Scores whether the second text of a pair belongs where it stands: 0 it does, 1 it does not (BERT's next-sentence,
// ALBERT's sentence-order prediction).
class SentencePairHead : public Head {
 public:
  SentencePairHead(const SentencePairHeadOptions& options, at::Device device);

  // pooled [sequences, hidden] -> [sequences, 2]
  at::Tensor forward(const at::Tensor& pooled) const;
  std::vector<WeightRow> weight_rows() const override;

 private:
  SentencePairHeadOptions options_;
  std::shared_ptr<Linear> classifier_;
};

}  // namespace llmtool
