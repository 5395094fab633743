#include "llmtool/nn/key_value_cache.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>

#include "llmtool/nn/attention.h"

namespace llmtool {
namespace {

constexpr std::int64_t kFirstCapacity = 64;

// `rows` with room for at least `needed` tokens a sequence. [sequences, heads, capacity, head_size]
at::Tensor with_room(const at::Tensor& rows, std::int64_t needed) {
  if (rows.size(2) >= needed) return rows;
  std::int64_t capacity = std::max(kFirstCapacity, rows.size(2));
  while (capacity < needed) capacity *= 2;
  // Zeros, because a weight of 0 times an uninitialised value may be NaN.
  at::Tensor larger = at::zeros({rows.size(0), rows.size(1), capacity, rows.size(3)}, rows.options());
  larger.narrow(2, 0, rows.size(2)).copy_(rows);
  return larger;
}

}  // namespace

SequenceLayout KeyValueCache::continued_layout(const std::vector<std::int64_t>& new_lengths, at::Device device) const {
  if (lengths_.empty()) return SequenceLayout(new_lengths, device);
  if (new_lengths.size() != lengths_.size())
    throw std::invalid_argument("a key-value cache is continued with another number of sequences");
  return SequenceLayout(new_lengths, lengths_, device);
}

void KeyValueCache::select(const std::vector<std::int64_t>& sequences) {
  std::vector<std::int64_t> lengths;
  lengths.reserve(sequences.size());
  for (const std::int64_t sequence : sequences) lengths.push_back(lengths_.at(static_cast<std::size_t>(sequence)));
  lengths_ = std::move(lengths);
  for (Layer& layer : layers_) {
    const at::Tensor rows = at::tensor(sequences, at::kLong).to(layer.keys.device());
    layer.keys = layer.keys.index_select(0, rows);
    layer.values = layer.values.index_select(0, rows);
  }
}

void KeyValueCache::begin(const SequenceLayout& layout, std::int64_t num_layers) {
  layers_.resize(static_cast<std::size_t>(num_layers));
  const std::vector<std::int64_t>& new_lengths = layout.lengths();
  if (lengths_.empty()) lengths_.assign(new_lengths.size(), 0);
  next_lengths_ = lengths_;
  for (std::size_t index = 0; index < new_lengths.size(); ++index) next_lengths_[index] += new_lengths[index];
  longest_ = *std::max_element(next_lengths_.begin(), next_lengths_.end());

  const auto integers = layout.positions().options();
  const at::Tensor counts = at::tensor(new_lengths, at::kLong).to(integers.device());
  sequence_ids_ = at::repeat_interleave(counts);
  places_ = layout.positions();
  const at::Tensor past = at::tensor(lengths_, at::kLong).to(integers.device()).view({-1, 1, 1, 1});
  const at::Tensor queries = at::arange(layout.max_length(), integers).view({1, 1, -1, 1});
  hidden_ = at::arange(longest_, integers) > past + queries;
}

void KeyValueCache::store(Layer& layer, const at::Tensor& keys, const at::Tensor& values,
                          std::int64_t num_heads) const {
  const std::int64_t head_size = keys.size(1) / num_heads;
  if (!layer.keys.defined()) {
    const auto num_sequences = static_cast<std::int64_t>(lengths_.size());
    layer.keys = at::empty({num_sequences, num_heads, 0, head_size}, keys.options());
    layer.values = layer.keys;
  }
  const auto add = [&](at::Tensor& held, const at::Tensor& rows) {
    held = with_room(held, longest_);
    held.transpose(1, 2).index_put_({sequence_ids_, places_}, rows.view({-1, num_heads, head_size}));
  };
  add(layer.keys, keys);
  add(layer.values, values);
}

AttentionResult KeyValueCache::attend(std::int64_t layer, const AttentionOperands& operands,
                                      const SequenceLayout& layout, const AttentionOptions& options) {
  Layer& held = layers_.at(static_cast<std::size_t>(layer));
  const bool is_first = !held.keys.defined();
  store(held, operands.keys(), operands.values(), options.num_heads);
  if (is_first) return attention(operands, layout, layout, options);
  const PaddedHeads heads{pad_heads(operands.queries(), layout, options.num_heads), held.keys.narrow(2, 0, longest_),
                          held.values.narrow(2, 0, longest_), hidden_};
  return padded_attention(heads, layout, options);
}

void KeyValueCache::end() { lengths_ = std::move(next_lengths_); }

}  // namespace llmtool
