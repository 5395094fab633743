#include "llmtool/training/options.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "llmtool/core/json.h"

namespace llmtool {
namespace {

constexpr std::array<std::pair<char, std::int64_t>, 4> kUnits{{{'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}};
constexpr std::int64_t kLongestSeconds = 3653LL * 86400;

std::optional<Duration> parse_duration(const std::string& text) {
  if (text.size() < 2) return std::nullopt;
  const char* const end = text.data() + text.size() - 1;
  std::int64_t count = 0;
  const auto [stop, error] = std::from_chars(text.data(), end, count);
  if (error != std::errc() || stop != end || count <= 0 || count > kLongestSeconds) return std::nullopt;
  for (const auto& [letter, seconds] : kUnits)
    if (text.back() == letter && count <= kLongestSeconds / seconds) return Duration{count * seconds};
  return std::nullopt;
}

std::optional<std::int64_t> parse_steps(const Json& json) {
  if (!json.is_number_integer()) return std::nullopt;
  const auto steps = json.get<std::int64_t>();
  if (steps < 1 || (json.is_number_unsigned() && json.get<std::uint64_t>() > std::uint64_t{INT64_MAX}))
    return std::nullopt;
  return steps;
}

}  // namespace

Duration Duration::from_json(const Json& json) {
  const auto duration = json.is_string() ? parse_duration(json.get<std::string>()) : std::nullopt;
  if (!duration) throw ValueError("expected a time such as 90s, 15m, 2h or 3d, not " + json_excerpt(json));
  return *duration;
}

Json Duration::to_json() const {
  for (const auto& [letter, unit] : kUnits)
    if (seconds % unit == 0) return std::to_string(seconds / unit) + letter;
  return nullptr;
}

Json Duration::json_schema() { return Json::parse(R"({"type": "string", "pattern": "^[0-9]+[smhd]$"})"); }

EvaluationInterval EvaluationInterval::from_json(const Json& json) {
  if (json == "epoch") return {Kind::kEpoch, 0};
  if (json == "never") return {Kind::kNever, 0};
  if (const auto steps = parse_steps(json)) return {Kind::kSteps, *steps};
  throw ValueError("expected epoch, never or a number of steps from 1 on, not " + json_excerpt(json));
}

Json EvaluationInterval::to_json() const {
  if (kind == Kind::kSteps) return steps;
  return kind == Kind::kEpoch ? "epoch" : "never";
}

Json EvaluationInterval::json_schema() {
  return Json::parse(R"({"oneOf": [{"enum": ["epoch", "never"]}, {"type": "integer", "minimum": 1}]})");
}

CheckpointInterval CheckpointInterval::from_json(const Json& json) {
  CheckpointInterval interval;
  if (json == "epoch") {
    interval.kind = Kind::kEpoch;
  } else if (const auto steps = parse_steps(json)) {
    interval.kind = Kind::kSteps;
    interval.steps = *steps;
  } else if (const auto time = json.is_string() ? parse_duration(json.get<std::string>()) : std::nullopt) {
    interval.time = *time;
  } else {
    throw ValueError("expected a time such as 15m or 2h, a number of steps from 1 on, or epoch, not " +
                     json_excerpt(json));
  }
  return interval;
}

Json CheckpointInterval::to_json() const {
  if (kind == Kind::kSteps) return steps;
  return kind == Kind::kEpoch ? Json("epoch") : time.to_json();
}

Json CheckpointInterval::json_schema() {
  return Json::parse(R"({"oneOf": [{"const": "epoch"}, {"type": "string", "pattern": "^[0-9]+[smhd]$"},
      {"type": "integer", "minimum": 1}]})");
}

void TrainingOptions::check(FieldErrors& errors) const {
  if (precision == Precision::kFp16) errors.add("precision", "fp16 is not supported yet; use fp32, bf16 or auto");
}

void EvaluationOptions::check(FieldErrors& errors) const {
  if (early_stopping && every.kind == EvaluationInterval::Kind::kNever)
    errors.add("early_stopping", "needs evaluations: set evaluation.every to epoch or a number of steps");
}

}  // namespace llmtool
