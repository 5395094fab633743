#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"

namespace llmtool {

enum class ScheduleKind { kLinear, kCosine, kConstant };

template <>
struct EnumNames<ScheduleKind> {
  static constexpr std::array kNames{std::pair{ScheduleKind::kLinear, std::string_view("linear")},
                                     std::pair{ScheduleKind::kCosine, std::string_view("cosine")},
                                     std::pair{ScheduleKind::kConstant, std::string_view("constant")}};
};

// Steps over which the learning rate rises from 0: below 1 a share of all steps, from 1 on a number of steps.
struct Warmup {
  double amount = 0.0;

  // As transformers' TrainingArguments.get_warmup_steps: a share is rounded up.
  std::int64_t steps(std::int64_t total_steps) const;

  // Throws ValueError: negative, not a number, or above 1 and not whole.
  static Warmup from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();
  friend bool operator==(const Warmup&, const Warmup&) = default;
};

// Section `training.schedule`.
struct ScheduleOptions {
  ScheduleKind name = ScheduleKind::kLinear;
  Warmup warmup;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("name", self.name,
          "Course of the learning rate after warm-up: linear and cosine fall to 0 at the last step.");
    visit("warmup", self.warmup, "Steps of linear rise from 0: below 1 a share of all steps, from 1 on steps.");
  }
};

// The learning rate over a run of `total_steps` optimizer steps: transformers' get_linear_schedule_with_warmup,
// get_cosine_schedule_with_warmup (half a cosine) and get_constant_schedule_with_warmup. A pure function of the step.
class Schedule {
 public:
  Schedule(const ScheduleOptions& options, double peak_learning_rate, std::int64_t total_steps);

  // Learning rate of the step numbered `step`, counted from 0.
  double learning_rate(std::int64_t step) const;
  std::int64_t warmup_steps() const { return warmup_steps_; }

 private:
  double factor(double step) const;

  ScheduleKind kind_;
  double peak_learning_rate_;
  std::int64_t total_steps_;
  std::int64_t warmup_steps_;
};

class UpdateRule;
struct OptimizerOptions;
struct UpdateContext;
struct UpdateRange;

enum class OptimizerKind { kAdamW, kAdam, kSgd, kRmsProp };

// Each optimizer is a row: its name, the settings that it uses besides those of all optimizers, and its update rule.
// Everything else follows from the rows: the choices of `name`, the help and the checks of the settings, and what
// make_optimizer() knows. The formulas are those of torch.optim (AdamW, Adam, SGD, RMSprop); each stands in two files
// of its own: *_rule.cpp has it in operations of LibTorch, *_range.cpp fused into one pass over memory.
std::unique_ptr<UpdateRule> make_adam_rule(const OptimizerOptions& options);
void update_by_adam(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options);

struct AdamW {
  static constexpr OptimizerKind kKind = OptimizerKind::kAdamW;
  static constexpr std::string_view kName = "adamw";
  static constexpr std::array<std::string_view, 4> kSettings{"weight_decay", "beta1", "beta2", "epsilon"};
  static constexpr auto* kMakeRule = make_adam_rule;
};

struct Adam {
  static constexpr OptimizerKind kKind = OptimizerKind::kAdam;
  static constexpr std::string_view kName = "adam";
  static constexpr std::array<std::string_view, 3> kSettings{"beta1", "beta2", "epsilon"};
  static constexpr auto* kMakeRule = make_adam_rule;
};

std::unique_ptr<UpdateRule> make_sgd_rule(const OptimizerOptions& options);
void update_by_sgd(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options);

struct Sgd {
  static constexpr OptimizerKind kKind = OptimizerKind::kSgd;
  static constexpr std::string_view kName = "sgd";
  static constexpr std::array<std::string_view, 2> kSettings{"momentum", "nesterov"};
  static constexpr auto* kMakeRule = make_sgd_rule;
};

std::unique_ptr<UpdateRule> make_rmsprop_rule(const OptimizerOptions& options);
void update_by_rmsprop(const UpdateRange& range, const UpdateContext& context, const OptimizerOptions& options);

struct RmsProp {
  static constexpr OptimizerKind kKind = OptimizerKind::kRmsProp;
  static constexpr std::string_view kName = "rmsprop";
  static constexpr std::array<std::string_view, 4> kSettings{"epsilon", "momentum", "alpha", "centered"};
  static constexpr auto* kMakeRule = make_rmsprop_rule;
};

using Optimizers = std::tuple<AdamW, Adam, Sgd, RmsProp>;

// Calls `action` with each row.
template <class Action>
constexpr void for_each_optimizer(const Action& action) {
  std::apply([&](const auto&... rows) { (action(rows), ...); }, Optimizers());
}

template <>
struct EnumNames<OptimizerKind> {
  static constexpr auto kNames = std::apply(
      [](const auto&... rows) {
        return std::array{std::pair{rows.kKind, rows.kName}...};
      },
      Optimizers());
};

// Section `training.optimizer`: a setting means the same, and has the same default, with every optimizer that uses it.
struct OptimizerOptions {
  OptimizerKind name = OptimizerKind::kAdamW;
  double learning_rate = 5e-5;
  double weight_decay = 0.0;
  double l1_penalty = 0.0;
  double l2_penalty = 0.0;
  double beta1 = 0.9;
  double beta2 = 0.999;
  double epsilon = 1e-8;
  double momentum = 0.0;
  bool nesterov = false;
  double alpha = 0.99;
  bool centered = false;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("name", self.name, "Update rule, as in torch.optim.");
    visit("learning_rate", self.learning_rate, "Peak learning rate, reached after warm-up.", in_range(0.0, 1e3));
    visit("weight_decay", self.weight_decay,
          (users_of("weight_decay") +
           " only: decoupled decay of weights, not of biases and normalisation. Others: l2_penalty.")
              .c_str(),
          in_range(0.0, 1e3));
    visit("l1_penalty", self.l1_penalty,
          "Adds l1_penalty * sign(weight) to the clipped gradient of the weights that decay.", in_range(0.0, 1e3));
    visit("l2_penalty", self.l2_penalty,
          "Adds l2_penalty * weight to the clipped gradient of the weights that decay (torch.optim's weight_decay of "
          "sgd, adam and rmsprop).",
          in_range(0.0, 1e3));
    visit_settings(self, visit);
  }
  // Reports settings that the chosen optimizer would silently ignore.
  void check(FieldErrors& errors) const;

 private:
  static constexpr double kBelowOne = 0.999999999;

  // The settings that only some optimizers use, weight_decay excepted.
  template <class Self, class Visitor>
  static void visit_settings(Self& self, Visitor& visit) {
    visit_setting(visit, "beta1", self.beta1, "decay of the mean of gradients.", in_range(0.0, kBelowOne));
    visit_setting(visit, "beta2", self.beta2, "decay of the mean of squared gradients.", in_range(0.0, kBelowOne));
    visit_setting(visit, "epsilon", self.epsilon, "added to the denominator.", in_range(0.0, 1.0));
    visit_setting(visit, "momentum", self.momentum, "share of the previous update that is kept.",
                  in_range(0.0, kBelowOne));
    visit_setting(visit, "nesterov", self.nesterov, "Nesterov's form of momentum.");
    visit_setting(visit, "alpha", self.alpha, "decay of the mean of squared gradients.", in_range(0.0, kBelowOne));
    visit_setting(visit, "centered", self.centered, "divide by the standard deviation, not by the root mean square.");
  }
  // Its help begins with the optimizers that use it.
  template <class Visitor, class T, class... Rules>
  static void visit_setting(Visitor& visit, const char* name, T& value, const char* help, const Rules&... rules) {
    visit(name, value, (users_of(name) + ": " + help).c_str(), rules...);
  }
  static std::string users_of(std::string_view setting);  // "sgd, rmsprop"
};

}  // namespace llmtool
