#pragma once

#include <ATen/core/Tensor.h>

#include <memory>
#include <vector>

#include "llmtool/models/model.h"
#include "llmtool/nn/layers.h"

namespace llmtool {

// A number for every sequence, from the hidden state of its first token.
class ToyHead : public Head {
 public:
  ToyHead(const ToyHeadOptions& options, at::Device device);

  // [sequences, 1] from what the body made of `input`
  at::Tensor forward(const ModelOutput& output, const ModelInput& input) const;
  std::vector<WeightRow> weight_rows() const override;
  bool reads_first_tokens_only() const override { return true; }

 private:
  std::shared_ptr<Linear> map_;
};

// Of a model with such a head, [sequences, 1].
at::Tensor toy_numbers(const Model& model, const ModelInput& input);

}  // namespace llmtool
