#pragma once

#include <array>
#include <cstdint>
#include <string_view>
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

}  // namespace llmtool
