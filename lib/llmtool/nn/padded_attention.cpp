#include "llmtool/nn/padded_attention.h"

#include <ATen/Functions.h>

#include <cmath>
#include <limits>

namespace llmtool {
namespace {

double divisor_of(const PaddedHeads& heads) {
  return heads.divisor.value_or(std::sqrt(static_cast<double>(heads.queries.size(-1))));
}

}  // namespace

at::Tensor pad_heads(const at::Tensor& rows, const SequenceLayout& layout, std::int64_t num_heads) {
  const at::Tensor padded = layout.is_uniform() ? rows : rows.index_select(0, layout.padded_to_packed());
  return padded.view({layout.num_sequences(), layout.max_length(), num_heads, rows.size(1) / num_heads})
      .transpose(1, 2);
}

at::Tensor pack_heads(const at::Tensor& heads, const SequenceLayout& layout) {
  const at::Tensor padded = heads.transpose(1, 2).reshape({layout.num_sequences() * layout.max_length(), -1});
  return layout.is_uniform() ? padded : padded.index_select(0, layout.packed_to_padded());
}

AttentionResult padded_attention(const PaddedHeads& heads, const SequenceLayout& query_layout, double dropout) {
  at::Tensor scores = at::matmul(heads.queries, heads.keys.transpose(-1, -2)) / divisor_of(heads);
  if (heads.bias.defined()) scores = scores + heads.bias;
  if (heads.hidden.defined()) scores = scores.masked_fill(heads.hidden, -std::numeric_limits<double>::infinity());
  const at::Tensor weights = at::softmax(scores, -1);
  const at::Tensor kept = dropout > 0.0 ? at::dropout(weights, dropout, true) : weights;
  return {pack_heads(at::matmul(kept, heads.values), query_layout), weights};
}

AttentionResult padded_attention(const PaddedHeads& heads, const SequenceLayout& query_layout,
                                 const AttentionOptions& options) {
  if (!options.use_kernel || options.return_weights) return padded_attention(heads, query_layout, options.dropout);
  std::optional<at::Tensor> visible;
  if (heads.hidden.defined()) visible = heads.hidden.logical_not();
  const at::Tensor context =
      at::scaled_dot_product_attention(heads.queries, heads.keys, heads.values, visible, options.dropout,
                                       /*is_causal=*/false, /*scale=*/1.0 / divisor_of(heads));
  return {pack_heads(context, query_layout), at::Tensor()};
}

}  // namespace llmtool
