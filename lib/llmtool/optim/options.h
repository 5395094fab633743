#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

namespace llmtool {

enum class OptimizerKind { kAdamW, kAdam, kSgd, kRmsProp };

template <>
struct EnumNames<OptimizerKind> {
  static constexpr std::array kNames{std::pair{OptimizerKind::kAdamW, std::string_view("adamw")},
                                     std::pair{OptimizerKind::kAdam, std::string_view("adam")},
                                     std::pair{OptimizerKind::kSgd, std::string_view("sgd")},
                                     std::pair{OptimizerKind::kRmsProp, std::string_view("rmsprop")}};
};

// Section `training.optimizer`. The formulas are those of torch.optim (AdamW, Adam, SGD, RMSprop).
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
          "adamw only: decoupled decay of weights, not of biases and normalisation. Others: l2_penalty.",
          in_range(0.0, 1e3));
    visit("l1_penalty", self.l1_penalty,
          "Adds l1_penalty * sign(weight) to the clipped gradient of the weights that decay.", in_range(0.0, 1e3));
    visit("l2_penalty", self.l2_penalty,
          "Adds l2_penalty * weight to the clipped gradient of the weights that decay (torch.optim's weight_decay of "
          "sgd, adam and rmsprop).",
          in_range(0.0, 1e3));
    visit("beta1", self.beta1, "adamw, adam: decay of the mean of gradients.", in_range(0.0, kBelowOne));
    visit("beta2", self.beta2, "adamw, adam: decay of the mean of squared gradients.", in_range(0.0, kBelowOne));
    visit("epsilon", self.epsilon, "adamw, adam, rmsprop: added to the denominator.", in_range(0.0, 1.0));
    visit("momentum", self.momentum, "sgd, rmsprop: share of the previous update that is kept.",
          in_range(0.0, kBelowOne));
    visit("nesterov", self.nesterov, "sgd: Nesterov's form of momentum.");
    visit("alpha", self.alpha, "rmsprop: decay of the mean of squared gradients.", in_range(0.0, kBelowOne));
    visit("centered", self.centered, "rmsprop: divide by the standard deviation, not by the root mean square.");
  }
  // Reports settings that the chosen optimizer would silently ignore.
  void check(FieldErrors& errors) const;

  static constexpr double kBelowOne = 0.999999999;
};

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

}  // namespace llmtool
