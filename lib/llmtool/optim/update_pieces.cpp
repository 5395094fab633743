#include "llmtool/optim/update_pieces.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <optional>

#include "llmtool/kernels/tensor_elements.h"
#include "llmtool/optim/range_kernels.h"

namespace llmtool {
namespace {

// Values per piece of work: small enough to balance threads, large enough that a piece's overhead vanishes.
constexpr std::int64_t kUpdatePieceSize = 1 << 15;
// Values that are converted or updated while they lie in the first caches.
constexpr std::int64_t kChunkSize = 1 << 12;

constexpr std::array<float, kChunkSize> kZeros{};

void advance(UpdateRange& range, std::int64_t count) {
  range.weight += count;
  if (range.gradient != nullptr) range.gradient += count;
  for (float*& slot : range.slots)
    if (slot != nullptr) slot += count;
}

// `count` values from `first` on, without gradient.
UpdateRange range_of(const UpdateTensors& tensors, std::int64_t first, std::int64_t count) {
  UpdateRange range;
  range.weight = mutable_elements<float>(tensors.weight) + first;
  for (std::size_t i = 0; i < tensors.slots.size(); ++i)
    range.slots[i] = mutable_elements<float>(tensors.slots[i]) + first;
  range.size = count;
  return range;
}

template <class Action>
void for_each_part(std::int64_t begin, std::int64_t end, std::int64_t part, const Action& action) {
  for (; begin < end; begin += part) action(begin, std::min(part, end - begin));
}

}  // namespace

void UpdatePieces::add(const UpdateTensors& tensors, const at::Tensor& working_copy, const UpdateContext& context) {
  const bool is_bf16 = tensors.gradient.scalar_type() == at::kBFloat16;
  const at::Tensor gradient = tensors.gradient.contiguous();
  gradients_.push_back(gradient);
  for_each_part(0, tensors.weight.numel(), kUpdatePieceSize, [&](std::int64_t first, std::int64_t count) {
    Piece piece{range_of(tensors, first, count), &context};
    if (is_bf16) {
      piece.bf16_gradient = elements<Bf16>(gradient) + first;
    } else {
      piece.range.gradient = elements<float>(gradient) + first;
    }
    if (working_copy.defined()) piece.working_copy = mutable_elements<Bf16>(working_copy) + first;
    pieces_.push_back(piece);
  });
}

void UpdatePieces::add_rows(const UpdateRule& rule, const UpdateTensors& tensors, const UpdateContext& context,
                            std::vector<char>& active_rows) {
  gradients_.push_back(tensors.gradient._indices().contiguous());
  const std::int64_t* rows = elements<std::int64_t>(gradients_.back());
  gradients_.push_back(tensors.gradient._values().contiguous());
  const float* values = elements<float>(gradients_.back());
  const std::int64_t num_touched = tensors.gradient._nnz();
  const std::int64_t num_rows = tensors.weight.size(0);
  const std::int64_t row_size = tensors.weight.numel() / std::max<std::int64_t>(num_rows, 1);
  const std::optional<float> idle_factor = rule.idle_factor(context);
  const auto add_part = [&](std::int64_t begin, std::int64_t end, const float* gradient) {
    for_each_part(begin * row_size, end * row_size, kChunkSize, [&](std::int64_t first, std::int64_t count) {
      Piece piece{range_of(tensors, first, count), &context};
      piece.range.gradient = gradient == nullptr ? kZeros.data() : gradient + (first - begin * row_size);
      pieces_.push_back(piece);
    });
  };
  const auto add_idle = [&](std::int64_t begin, std::int64_t end) {
    if (!idle_factor) return add_part(begin, end, nullptr);
    if (*idle_factor == 1.0F) return;
    for_each_part(begin * row_size, end * row_size, kUpdatePieceSize, [&](std::int64_t first, std::int64_t count) {
      Piece piece{range_of(tensors, first, count), &context};
      piece.idle_factor = *idle_factor;
      piece.is_idle = true;
      pieces_.push_back(piece);
    });
  };
  // Rows without gradient from `begin` on, in runs that are alike.
  const auto add_untouched = [&](std::int64_t begin, std::int64_t end) {
    while (begin < end) {
      const auto first = active_rows.begin() + begin;
      const auto change = std::find(first, active_rows.begin() + end, *first == 0 ? 1 : 0);
      const auto run_end = static_cast<std::int64_t>(change - active_rows.begin());
      if (*first == 0) {
        add_idle(begin, run_end);
      } else {
        add_part(begin, run_end, nullptr);
      }
      begin = run_end;
    }
  };
  std::int64_t row = 0;
  for (std::int64_t i = 0; i < num_touched; ++i) {
    add_untouched(row, rows[i]);
    add_part(rows[i], rows[i] + 1, values + i * row_size);
    row = rows[i] + 1;
  }
  add_untouched(row, num_rows);
  for (std::int64_t i = 0; i < num_touched; ++i) active_rows[static_cast<std::size_t>(rows[i])] = 1;
}

void UpdatePieces::update(const UpdateRule& rule, const Piece& piece) {
  if (piece.is_idle) return scale_range(piece.range.weight, piece.idle_factor, piece.range.size);
  if (piece.bf16_gradient == nullptr && piece.working_copy == nullptr) return rule.update(piece.range, *piece.context);
  std::array<float, kChunkSize> gradient;
  UpdateRange rest = piece.range;
  for_each_part(0, piece.range.size, kChunkSize, [&](std::int64_t first, std::int64_t count) {
    UpdateRange part = rest;
    part.size = count;
    if (piece.bf16_gradient != nullptr) {
      widen(piece.bf16_gradient + first, gradient.data(), count);
      part.gradient = gradient.data();
    }
    rule.update(part, *piece.context);
    if (piece.working_copy != nullptr) narrow(part.weight, piece.working_copy + first, count);
    advance(rest, count);
  });
}

void UpdatePieces::update(const UpdateRule& rule) const {
  // Threads take pieces as they get on: rows of a table are small pieces, so that equal shares of the pieces would be
  // very unequal work.
  constexpr std::size_t kTaken = 4;
  std::atomic<std::size_t> next{0};
  at::parallel_for(0, at::get_num_threads(), 1, [&](std::int64_t, std::int64_t) {
    for (std::size_t first = next.fetch_add(kTaken); first < pieces_.size(); first = next.fetch_add(kTaken))
      for (std::size_t i = first; i < std::min(first + kTaken, pieces_.size()); ++i) update(rule, pieces_[i]);
  });
}

}  // namespace llmtool
