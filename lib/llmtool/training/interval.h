#pragma once

#include <cstdint>
#include <string>

#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"

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

// The name of a label, which may be written as an integer (1 means the label named "1").
struct LabelName {
  std::string text;

  // Throws ValueError for anything but a text that is not empty or an integer.
  static LabelName from_json(const Json& json);
  Json to_json() const { return text; }
  static Json json_schema();
  friend bool operator==(const LabelName&, const LabelName&) = default;
};

}  // namespace llmtool
