#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/models/weight_mapping.h"
#include "llmtool/nn/linear.h"

namespace llmtool {

// Scores whether the second text of a pair belongs where it stands: 0 it does, 1 it does not (BERT's next-sentence,
// ALBERT's sentence-order prediction).
class SentencePairHead : public torch::nn::Module {
 public:
  // `name`: Hugging Face's, without ".weight". `dropout` of the pooled state.
  SentencePairHead(std::string name, std::int64_t hidden_size, double dropout, at::Device device);

  // pooled [sequences, hidden] -> [sequences, 2]
  at::Tensor forward(const at::Tensor& pooled) const;
  std::vector<WeightRow> weight_rows() const;

 private:
  std::string name_;
  double dropout_;
  std::shared_ptr<Linear> classifier_;
};

}  // namespace llmtool
