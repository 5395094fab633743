#include "llmtool/optim/optimizer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/optim/update_rule.h"

namespace llmtool {
namespace {

using RuleFactory = std::unique_ptr<UpdateRule> (*)(const OptimizerOptions&);

// One row per optimizer: the names stand in EnumNames<OptimizerKind>.
constexpr std::array kFactories{
    std::pair<OptimizerKind, RuleFactory>{OptimizerKind::kAdamW, make_adam_rule},
    std::pair<OptimizerKind, RuleFactory>{OptimizerKind::kAdam, make_adam_rule},
    std::pair<OptimizerKind, RuleFactory>{OptimizerKind::kSgd, make_sgd_rule},
    std::pair<OptimizerKind, RuleFactory>{OptimizerKind::kRmsProp, make_rmsprop_rule},
};

// Values per piece of work: small enough to balance threads, large enough that a piece's overhead vanishes.
constexpr std::int64_t kPieceSize = 1 << 15;

struct ParameterState {
  std::int64_t num_updates = 0;
  std::vector<at::Tensor> slots;
};

// Part of one parameter that one thread updates in one go.
struct Piece {
  UpdateRange range;
  const UpdateContext* context = nullptr;
};

bool fits_fused_update(const at::Tensor& tensor) { return tensor.is_cpu() && tensor.is_contiguous(); }

void append_pieces(const UpdateTensors& tensors, const UpdateContext& context, std::vector<Piece>& pieces) {
  const std::int64_t size = tensors.weight.numel();
  for (std::int64_t begin = 0; begin < size; begin += kPieceSize) {
    Piece piece;
    piece.range.weight = tensors.weight.data_ptr<float>() + begin;
    piece.range.gradient = tensors.gradient.const_data_ptr<float>() + begin;
    for (const at::Tensor& slot : tensors.slots) piece.range.slots.push_back(slot.data_ptr<float>() + begin);
    piece.range.size = std::min(kPieceSize, size - begin);
    piece.context = &context;
    pieces.push_back(std::move(piece));
  }
}

class RuleOptimizer : public Optimizer {
 public:
  RuleOptimizer(const OptimizerOptions& options, std::unique_ptr<UpdateRule> rule, ParameterStore& store)
      : fused_(options.fused), rule_(std::move(rule)), slot_names_(rule_->slots()), store_(store) {}

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
    for (std::size_t i = 0; i < slot_names_.size(); ++i)
      state.slots.push_back(at::zeros_like(parameter.value, at::TensorOptions().requires_grad(false)));
  return state;
}

void RuleOptimizer::step(double learning_rate, double gradient_scale) {
  const at::NoGradGuard no_grad;
  const auto& parameters = store_.parameters();
  std::vector<UpdateContext> contexts(parameters.size());
  std::vector<UpdateTensors> fused_updates;
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    if (!parameter.trainable || !parameter.value.grad().defined()) continue;
    ParameterState& state = state_of(parameter);
    contexts[i] = {learning_rate, gradient_scale, ++state.num_updates, parameter.decayed};
    UpdateTensors tensors{parameter.value, parameter.value.grad(), state.slots};
    if (fused_ && fits_fused_update(tensors.weight) && fits_fused_update(tensors.gradient)) {
      append_pieces(tensors, contexts[i], pieces);
    } else {
      rule_->update(tensors, contexts[i]);
    }
  }
  at::parallel_for(0, static_cast<std::int64_t>(pieces.size()), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) rule_->update(pieces[i].range, *pieces[i].context);
  });
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

std::unique_ptr<Optimizer> make_optimizer(const OptimizerOptions& options, ParameterStore& store) {
  for (const auto& [kind, factory] : kFactories)
    if (kind == options.name) return std::make_unique<RuleOptimizer>(options, factory(options), store);
  throw std::logic_error("no factory for the optimizer " + std::string(enum_name(options.name)));
}

}  // namespace llmtool
