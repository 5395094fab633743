#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "llmtool/models/body.h"
#include "llmtool/models/head.h"
#include "llmtool/models/head_options.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

// Scores whether the second text of a pair belongs where it stands: 0 it does, 1 it does not (BERT's next-sentence,
// ALBERT's sentence-order prediction).
class SentencePairHead : public Head {
 public:
  SentencePairHead(const SentencePairHeadOptions& options, const TextBody& body, at::Device device);

  // pooled [sequences, hidden] -> [sequences, 2]
  at::Tensor forward(const at::Tensor& pooled) const;
  std::vector<WeightRow> weight_rows() const override;

 private:
  SentencePairHeadOptions options_;
  std::shared_ptr<Linear> classifier_;
};

}  // namespace llmtool
