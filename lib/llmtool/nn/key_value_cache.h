#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "llmtool/nn/attention.h"
#include "llmtool/nn/sequence_layout.h"

namespace llmtool {

// Keys and values of the tokens that causal layers have seen, so that a text can be continued without computing it
// again. Room grows by doubling: a new token costs its own row, whatever stands before it.
class KeyValueCache {
 public:
  // Tokens held of each sequence; empty before the first.
  const std::vector<std::int64_t>& lengths() const { return lengths_; }

  // Layout of new tokens: positions go on behind those held. Throws std::invalid_argument when the number of sequences
  // is another than that held.
  SequenceLayout continued_layout(const std::vector<std::int64_t>& new_lengths, at::Device device) const;
  // Goes on with these sequences in this order; one may come several times.
  void select(const std::vector<std::int64_t>& sequences);

  // For a stack of layers: begin() before the first sees new tokens, attend() once a layer, end() after the last.
  void begin(const SequenceLayout& layout, std::int64_t num_layers);
  // Adds the new tokens' keys and values to a layer; every query looks at its sequence up to itself.
  AttentionResult attend(std::int64_t layer, const AttentionOperands& operands, const SequenceLayout& layout,
                         const AttentionOptions& options);
  void end();

 private:
  struct Layer {
    at::Tensor keys, values;  // [sequences, heads, capacity, head_size]; undefined before the first token
  };
  void store(Layer& layer, const at::Tensor& keys, const at::Tensor& values, std::int64_t num_heads) const;

  std::vector<std::int64_t> lengths_;
  std::vector<Layer> layers_;

  // Between begin() and end():
  std::vector<std::int64_t> next_lengths_;
  std::int64_t longest_ = 0;  // of next_lengths_
  at::Tensor sequence_ids_;   // int64 [new tokens]
  at::Tensor places_;         // int64 [new tokens]: in its sequence
  at::Tensor hidden_;         // bool [sequences, 1, most new tokens, longest]: keys a query must not see
};

}  // namespace llmtool
