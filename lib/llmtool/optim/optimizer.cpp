#include "llmtool/optim/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdlib>
#include <map>
#include <new>
#include <optional>

#include "llmtool/core/errors.h"
#include "llmtool/kernels/tensor_elements.h"
#include "llmtool/optim/range_kernels.h"
#include "llmtool/optim/update_rule.h"

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

namespace {

struct ParameterState {
  std::int64_t num_updates = 0;
  std::vector<at::Tensor> slots;
  // With sparse gradients: 1 for rows that ever had one. Empty: not known, or all.
  std::vector<char> active_rows;
};

bool fits_fused_update(const at::Tensor& tensor) { return has_kernel_elements(tensor) && tensor.is_contiguous(); }

// [rows], 1 for rows whose state is not all zeros, which none is before the first update.
std::vector<char> find_active_rows(const std::vector<at::Tensor>& slots, std::int64_t num_rows, bool is_first) {
  if (is_first) return std::vector<char>(static_cast<std::size_t>(num_rows));
  at::Tensor active = at::zeros({num_rows}, at::kBool);
  for (const at::Tensor& slot : slots) active.logical_or_(slot.reshape({num_rows, -1}).ne(0).any(1).cpu());
  const bool* values = active.const_data_ptr<bool>();
  return {values, values + num_rows};
}

// Zeros that take no memory before they are written.
at::Tensor make_zeros(const at::Tensor& like) {
  if (!like.is_cpu()) return at::zeros_like(like, at::TensorOptions().requires_grad(false));
  void* memory = std::calloc(static_cast<std::size_t>(std::max<std::int64_t>(like.numel(), 1)), like.element_size());
  if (memory == nullptr) throw std::bad_alloc();
  return at::from_blob(memory, like.sizes(), std::free, like.options().requires_grad(false));
}

// The parameters of a step that ATen operations update.
struct PlainUpdates {
  std::vector<UpdateTensors> tensors;
  std::vector<UpdateContext> contexts;
  std::vector<at::Tensor> working_copies;  // of the parameters that have one
  std::vector<at::Tensor> their_masters;

  void add(UpdateTensors update, const UpdateContext& context, const at::Tensor& working_copy) {
    if (update.gradient.is_sparse()) update.gradient = update.gradient.to_dense();
    update.gradient = update.gradient.to(update.weight.scalar_type());
    if (working_copy.defined()) {
      working_copies.push_back(working_copy);
      their_masters.push_back(update.weight);
    }
    tensors.push_back(std::move(update));
    contexts.push_back(context);
  }

  void run(const UpdateRule& rule, bool fused) {
    if (tensors.empty()) return;
    if (fused) {
      rule.update_all(tensors, contexts);
    } else {
      rule.UpdateRule::update_all(tensors, contexts);
    }
    if (!working_copies.empty()) at::_foreach_copy_(working_copies, their_masters);
  }
};

class RuleOptimizer : public Optimizer {
 public:
  RuleOptimizer(std::unique_ptr<UpdateRule> rule, ParameterStore& store, bool fused)
      : fused_(fused), rule_(std::move(rule)), slot_names_(rule_->slots()), store_(store) {}

  void step(double learning_rate, double gradient_scale) override;
  std::vector<NamedTensorValue> state() const override;
  void load_state(const std::vector<NamedTensorValue>& state) override;

 private:
  ParameterState& state_of(const Parameter& parameter);
  void put(const std::string& name, const at::Tensor& value);

  bool fused_;
  std::unique_ptr<UpdateRule> rule_;
  std::vector<std::string> slot_names_;
  ParameterStore& store_;
  std::map<std::string, ParameterState, std::less<>> states_;
};

ParameterState& RuleOptimizer::state_of(const Parameter& parameter) {
  ParameterState& state = states_[parameter.name];
  if (state.slots.empty() && !slot_names_.empty())
    for (std::size_t i = 0; i < slot_names_.size(); ++i) state.slots.push_back(make_zeros(parameter.value));
  return state;
}

void RuleOptimizer::step(double learning_rate, double gradient_scale) {
  const at::NoGradGuard no_grad;
  const auto& parameters = store_.parameters();
  std::vector<UpdateContext> contexts(parameters.size());
  UpdatePieces pieces;
  PlainUpdates others;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    const at::Tensor gradient = parameter.gradient();
    if (!parameter.trainable || !gradient.defined()) continue;
    ParameterState& state = state_of(parameter);
    contexts[i] = {learning_rate, gradient_scale, ++state.num_updates, parameter.decayed};
    const UpdateTensors tensors{parameter.value, gradient, state.slots};
    if (!fused_ || !fits_fused_update(tensors.weight)) {
      others.add(tensors, contexts[i], parameter.working_copy);
    } else if (gradient.is_sparse()) {
      if (state.active_rows.empty())
        state.active_rows = find_active_rows(state.slots, parameter.value.size(0), state.num_updates == 1);
      pieces.add_rows(*rule_, tensors, contexts[i], state.active_rows);
    } else {
      state.active_rows.clear();
      pieces.add(tensors, parameter.working_copy, contexts[i]);
    }
  }
  pieces.update(*rule_);
  others.run(*rule_, fused_);
}

std::vector<NamedTensorValue> RuleOptimizer::state() const {
  std::vector<NamedTensorValue> values;
  for (const Parameter& parameter : store_.parameters()) {
    const auto found = states_.find(parameter.name);
    if (found == states_.end()) continue;
    for (std::size_t i = 0; i < slot_names_.size(); ++i)
      values.push_back({parameter.name + "." + slot_names_[i], found->second.slots[i]});
    values.push_back({parameter.name + ".step", at::scalar_tensor(found->second.num_updates, at::kLong)});
  }
  return values;
}

void RuleOptimizer::load_state(const std::vector<NamedTensorValue>& state) {
  states_.clear();
  for (const auto& [name, value] : state) put(name, value);
}

void RuleOptimizer::put(const std::string& name, const at::Tensor& value) {
  const std::size_t dot = name.rfind('.');
  const Parameter* parameter = dot == std::string::npos ? nullptr : store_.find(name.substr(0, dot));
  const std::string slot = dot == std::string::npos ? "" : name.substr(dot + 1);
  const auto known = std::find(slot_names_.begin(), slot_names_.end(), slot);
  if (parameter == nullptr || (slot != "step" && known == slot_names_.end()))
    throw ModelError("optimizer state " + quote(name) + " does not belong to this model and optimizer");
  ParameterState& target = state_of(*parameter);
  if (slot == "step") {
    target.num_updates = value.item<std::int64_t>();
    return;
  }
  if (value.sizes() != parameter->value.sizes())
    throw ModelError("optimizer state " + quote(name) + " does not have the shape of its parameter");
  target.slots[static_cast<std::size_t>(known - slot_names_.begin())].copy_(value);
}

}  // namespace

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, ParameterStore& store, bool fused) {
  std::unique_ptr<UpdateRule> rule;
  for_each_optimizer([&](const auto& row) {
    if (row.kKind == options.name) rule = row.kMakeRule(options);
  });
  return std::make_unique<RuleOptimizer>(std::move(rule), store, fused);
}

}  // namespace llmtool
