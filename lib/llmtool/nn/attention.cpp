#include "llmtool/nn/attention.h"

#include <ATen/Functions.h>

#include <cmath>
#include <limits>
#include <stdexcept>

#include "llmtool/kernels/packed_attention.h"

namespace llmtool {
namespace {

void check_sizes(const AttentionOperands& operands, const SequenceLayout& query_layout,
                 const SequenceLayout& key_layout, std::int64_t num_heads) {
  if (num_heads < 1 || operands.hidden_size() % num_heads != 0)
    throw std::invalid_argument("the hidden size of attention is not a multiple of the number of heads");
  if (operands.queries().size(0) < query_layout.num_tokens() || operands.keys().size(0) < key_layout.num_tokens() ||
      query_layout.num_sequences() != key_layout.num_sequences())
    throw std::invalid_argument("attention's rows do not fit the sequence layout");
}

void check_causal_lengths(const SequenceLayout& query_layout, const SequenceLayout& key_layout) {
  for (std::int64_t index = 0; index < query_layout.num_sequences(); ++index)
    if (query_layout.lengths()[index] > key_layout.lengths()[index])
      throw std::invalid_argument("causal attention needs a key for every query");
}

// bool [1, 1, longest, longest], true where a key is further from its query than the window.
at::Tensor keys_outside(std::int64_t window, const SequenceLayout& layout) {
  const at::Tensor places = at::arange(layout.max_length(), layout.positions().options());
  return ((places.unsqueeze(1) - places).abs() > window).view({1, 1, layout.max_length(), layout.max_length()});
}

// bool [sequences, 1, longest query, longest key], true where a key stands behind its query.
at::Tensor later_keys(const SequenceLayout& query_layout, const SequenceLayout& key_layout) {
  std::vector<std::int64_t> firsts;  // place of each sequence's first query among its keys
  for (std::int64_t index = 0; index < query_layout.num_sequences(); ++index)
    firsts.push_back(key_layout.lengths()[index] - query_layout.lengths()[index]);
  const at::Tensor first = at::tensor(firsts, at::kLong).to(key_layout.positions().device()).view({-1, 1, 1, 1});
  const at::Tensor query = at::arange(query_layout.max_length(), first.options()).view({1, 1, -1, 1});
  return at::arange(key_layout.max_length(), first.options()).view({1, 1, 1, -1}) > first + query;
}

// Bool, broadcast to [sequences, heads, longest query, longest key], true where a query must not look; undefined when
// all may.
at::Tensor hidden_keys(const SequenceLayout& query_layout, const SequenceLayout& key_layout,
                       const AttentionOptions& options) {
  at::Tensor hidden;
  const auto hide = [&](const at::Tensor& more) { hidden = hidden.defined() ? hidden.logical_or(more) : more; };
  if (!key_layout.is_uniform()) hide(key_layout.padding_mask().unsqueeze(1).unsqueeze(1));
  if (options.is_causal) hide(later_keys(query_layout, key_layout));
  if (options.window) hide(keys_outside(*options.window, key_layout));
  // Padding may stand further than the window from every key: a row of nothing but -infinity would become NaN and pass
  // it on to the gradients of the keys.
  if (options.window && !query_layout.is_uniform())
    hidden = hidden.logical_and(query_layout.padding_mask().logical_not().unsqueeze(1).unsqueeze(-1));
  return hidden;
}

// No query is further from any key of its sequence than the window.
bool window_hides_nothing(const AttentionOptions& options, const SequenceLayout& layout) {
  return !options.window || *options.window >= layout.max_length() - 1;
}

double divisor_of(const PaddedHeads& heads) {
  return heads.divisor.value_or(std::sqrt(static_cast<double>(heads.queries.size(-1))));
}

}  // namespace

AttentionResult attention(const AttentionOperands& operands, const SequenceLayout& query_layout,
                          const SequenceLayout& key_layout, const AttentionOptions& options) {
  check_sizes(operands, query_layout, key_layout, options.num_heads);
  if (options.is_causal) check_causal_lengths(query_layout, key_layout);
  if (options.use_kernel && !options.return_weights && window_hides_nothing(options, key_layout) &&
      can_use_packed_attention(operands, options.num_heads, key_layout.max_length(), options.dropout))
    return {packed_attention(operands, {query_layout.offsets(), key_layout.offsets(), options.is_causal},
                             options.num_heads, options.dropout),
            at::Tensor()};
  const auto pad = [&](const at::Tensor& rows, const SequenceLayout& layout) {
    return pad_heads(rows.narrow(0, 0, layout.num_tokens()), layout, options.num_heads);
  };
  const PaddedHeads heads{pad(operands.queries(), query_layout), pad(operands.keys(), key_layout),
                          pad(operands.values(), key_layout), hidden_keys(query_layout, key_layout, options)};
  AttentionResult result = padded_attention(heads, query_layout, options);
  const std::int64_t num_padding = operands.queries().size(0) - query_layout.num_tokens();
  if (num_padding > 0) result.context = at::constant_pad_nd(result.context, {0, 0, 0, num_padding});
  if (!options.return_weights) result.weights = at::Tensor();
  return result;
}

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
