#pragma once

#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "llmtool/models/weight_mapping.h"

namespace llmtool {

// What is put on a body for a purpose. A head has a forward() of its own kind: what it reads and gives is between it
// and the task that uses it. This is what loading, saving, training and resizing know of all heads.
class Head : public torch::nn::Module {
 public:
  // Its weights under their Hugging Face names. A weight of the body that it uses is not among them.
  virtual std::vector<WeightRow> weight_rows() const = 0;
  // Names under which a checkpoint may repeat a weight of the model, and those it is stored under. `embedding` is the
  // full name of the word embedding.
  virtual std::vector<TiedWeight> tied_weights(const std::string& /*embedding*/) const { return {}; }
  // The last hidden states of other tokens than each sequence's first have no part in what it gives.
  virtual bool reads_first_tokens_only() const { return false; }
  // Called after the word embedding has this many rows.
  virtual void resize_vocabulary(std::int64_t /*new_size*/) {}
  // Tells the head the padding id; returns whether it has need of one and knew none.
  virtual bool set_missing_padding_id(std::int64_t /*id*/) { return false; }
  // Of a head that scores labels: puts the scores of stored label order[i] in place i; `order` is int64 [num_labels].
  virtual void reorder_labels(const at::Tensor& /*order*/) { throw std::logic_error("the head scores no labels"); }
};

}  // namespace llmtool
