#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/core/precision.h"
#include "llmtool/optim/options.h"

namespace llmtool {

// A length of time written as a whole number with a unit: 90s, 15m, 2h, 3d.
struct Duration {
  std::int64_t seconds = 0;

  // Throws ValueError: no unit, not a whole number above 0, longer than ten years.
  static Duration from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();
  friend bool operator==(const Duration&, const Duration&) = default;
};

// When to evaluate: `epoch` (the default), `never`, or a number of optimizer steps.
struct EvaluationInterval {
  enum class Kind { kEpoch, kSteps, kNever };

  Kind kind = Kind::kEpoch;
  std::int64_t steps = 0;

  // Throws ValueError for anything else.
  static EvaluationInterval from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();
  friend bool operator==(const EvaluationInterval&, const EvaluationInterval&) = default;
};

// When to save a checkpoint: a time (15m, the default), a number of optimizer steps, or `epoch`.
struct CheckpointInterval {
  enum class Kind { kTime, kSteps, kEpoch };

  Kind kind = Kind::kTime;
  std::int64_t steps = 0;
  Duration time{std::int64_t{15} * 60};

  // Throws ValueError for anything else.
  static CheckpointInterval from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();
  friend bool operator==(const CheckpointInterval&, const CheckpointInterval&) = default;
};

// These compute on the CPU: our own kernels and the fastest libraries, or plain ATen operations as their reference.
enum class KernelChoice { kAuto, kReference };

template <>
struct EnumNames<KernelChoice> {
  static constexpr std::array kNames{std::pair{KernelChoice::kAuto, std::string_view("auto")},
                                     std::pair{KernelChoice::kReference, std::string_view("reference")}};
};

// Section `training`, less what the task's loss adds to it (tasks/options.h: class_weights, label_smoothing).
struct TrainingOptions {
  double epochs = 3.0;
  std::optional<std::int64_t> max_steps;
  std::int64_t batch_size = 32;
  std::optional<std::int64_t> tokens_per_batch;
  std::int64_t accumulation = 1;
  OptimizerOptions optimizer;
  ScheduleOptions schedule;
  double max_gradient_norm = 1.0;
  Precision precision = Precision::kFp32;
  KernelChoice kernels = KernelChoice::kAuto;
  bool shuffle = true;
  bool group_by_length = false;
  std::optional<Duration> time_limit;
  std::int64_t log_every = 10;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("epochs", self.epochs, "Passes over the training data; may be a fraction.", in_range(1e-6, 1e6));
    visit("max_steps", self.max_steps, "Optimizer steps; when set, it replaces epochs.", at_least(1));
    visit("batch_size", self.batch_size, "Examples per device and micro-batch.", in_range<std::int64_t>(1, 1'000'000));
    visit(
        "tokens_per_batch", self.tokens_per_batch,
        "Tokens per device and micro-batch on average; when set, it replaces batch_size: the shorter the examples, the "
        "more of them.",
        at_least(1));
    visit("accumulation", self.accumulation, "Micro-batches whose gradients make one optimizer step.",
          in_range<std::int64_t>(1, 1'000'000));
    visit("optimizer", self.optimizer, "Update rule and its settings.");
    visit("schedule", self.schedule, "Course of the learning rate.");
    visit("max_gradient_norm", self.max_gradient_norm, "Gradients are scaled down to this global norm; 0: never.",
          in_range(0.0, 1e30));
    visit("precision", self.precision,
          "Number format of the body's matrix products in training; weights and everything that is saved or evaluated "
          "are fp32. auto: bf16 where the processor computes it natively, otherwise fp32.");
    visit("kernels", self.kernels,
          "auto: the fastest means there are; reference: plain ATen operations, slower, to compare with.");
    visit("shuffle", self.shuffle, "A new seeded order of the examples in every epoch.");
    visit("group_by_length", self.group_by_length, "Put examples of similar length into the same batch.");
    visit("time_limit", self.time_limit, "Stop after this long with a checkpoint and exit code 75: 90s, 30m, 4h, 2d.",
          kNotCompared);
    visit("log_every", self.log_every, "Steps between two lines of metrics.jsonl and the log.", at_least(1),
          kNotCompared);
  }
  // Reports a precision that is not supported yet.
  void check(FieldErrors& errors) const;
};

// Section `evaluation.early_stopping`.
struct EarlyStoppingOptions {
  std::int64_t patience = 3;
  double min_delta = 0.0;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("patience", self.patience, "Evaluations in a row without improvement after which training ends.",
          at_least(1));
    visit("min_delta", self.min_delta, "Smallest gain over the best value so far that counts as improvement.",
          in_range(0.0, 1e30));
  }
};

// Section `evaluation`.
struct EvaluationOptions {
  EvaluationInterval every;
  std::int64_t batch_size = 32;
  std::optional<std::string> metric;
  std::optional<EarlyStoppingOptions> early_stopping;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("every", self.every, "When to evaluate on the validation data: epoch, never, or a number of steps.");
    visit("batch_size", self.batch_size, "Examples per batch; results do not depend on it.",
          in_range<std::int64_t>(1, 1'000'000), kNotCompared);
    visit("metric", self.metric, "Decides which checkpoint is best; unset: the task's own choice.");
    visit("early_stopping", self.early_stopping, "End training when the metric no longer improves; unset: never.");
  }
  void check(FieldErrors& errors) const;
};

// Section `checkpoint`.
struct CheckpointOptions {
  CheckpointInterval every;
  std::int64_t keep = 2;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("every", self.every,
          "When to save a checkpoint besides new best models and the end: a time (15m, 2h), a number of steps, epoch.",
          kNotCompared);
    visit("keep", self.keep, "Newest checkpoints that are kept, besides the best.", at_least(1), kNotCompared);
  }
};

}  // namespace llmtool
