#include "llmtool/optim/options.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {

std::int64_t Warmup::steps(std::int64_t total_steps) const {
  if (amount >= 1.0) return static_cast<std::int64_t>(amount);
  return static_cast<std::int64_t>(std::ceil(static_cast<double>(total_steps) * amount));
}

Warmup Warmup::from_json(const Json& json) {
  const double amount = json.is_number() ? json.get<double>() : -1.0;
  const bool is_share = amount >= 0.0 && amount < 1.0;
  const bool is_steps = amount >= 1.0 && amount <= 1e15 && amount == std::floor(amount);
  if (!is_share && !is_steps)
    throw ValueError("expected a share of all steps from 0 to below 1, or a whole number of steps, not " +
                     json_excerpt(json));
  return {amount};
}

Json Warmup::to_json() const {
  if (amount >= 1.0) return static_cast<std::int64_t>(amount);
  return amount;
}

Json Warmup::json_schema() {
  return Json::parse(R"({"oneOf": [{"type": "number", "minimum": 0, "exclusiveMaximum": 1},
      {"type": "integer", "minimum": 1}]})");
}

Schedule::Schedule(const ScheduleOptions& options, double peak_learning_rate, std::int64_t total_steps)
    : kind_(options.name),
      peak_learning_rate_(peak_learning_rate),
      total_steps_(total_steps),
      warmup_steps_(options.warmup.steps(total_steps)) {}

double Schedule::learning_rate(std::int64_t step) const {
  return peak_learning_rate_ * factor(static_cast<double>(step));
}

// transformers/optimization.py, the *_lr_lambda functions.
double Schedule::factor(double step) const {
  const auto warmup = static_cast<double>(warmup_steps_);
  const auto total = static_cast<double>(total_steps_);
  if (step < warmup) return step / std::max(1.0, warmup);
  const double length = std::max(1.0, total - warmup);
  switch (kind_) {
    case ScheduleKind::kLinear:
      return std::max(0.0, (total - step) / length);
    case ScheduleKind::kCosine:
      return std::max(0.0, 0.5 * (1.0 + std::cos(M_PI * (step - warmup) / length)));
    case ScheduleKind::kConstant:
      break;
  }
  return 1.0;
}

namespace {

std::vector<std::string_view> users(std::string_view setting) {
  std::vector<std::string_view> names;
  for_each_optimizer([&](const auto& row) {
    if (std::count(row.kSettings.begin(), row.kSettings.end(), setting) > 0) names.push_back(row.kName);
  });
  return names;
}

// "adamw, adam and rmsprop"
std::string as_sentence_part(std::vector<std::string_view> names) {
  const std::string last(names.back());
  names.pop_back();
  return names.empty() ? last : listed(names) + " and " + last;
}

bool uses(OptimizerKind optimizer, std::string_view setting) {
  const std::vector<std::string_view> names = users(setting);
  return names.empty() || std::count(names.begin(), names.end(), enum_name(optimizer)) > 0;
}

// The numbers and switches among the settings, in the order of their fields.
struct SettingValues {
  std::vector<std::string> names;
  std::vector<double> values;

  template <class T, class... Rules>
  void operator()(const char* name, const T& value, const char* /*help*/, const Rules&...) {
    if constexpr (!std::is_arithmetic_v<T>) return;
    names.emplace_back(name);
    values.push_back(static_cast<double>(value));
  }
};

SettingValues values_of(const OptimizerOptions& options) {
  SettingValues values;
  OptimizerOptions::visit_fields(options, values);
  return values;
}

std::string refusal(OptimizerKind optimizer, const std::string& setting) {
  const std::string name(enum_name(optimizer));
  const std::string owners = as_sentence_part(users(setting));
  if (setting == "weight_decay")
    return "decoupled weight decay belongs to " + owners + "; with " + name +
           " use l2_penalty, which is added to the gradient";
  return name + " does not use it; it belongs to " + owners + ": remove it or choose another optimizer";
}

}  // namespace

std::string OptimizerOptions::users_of(std::string_view setting) { return listed(users(setting)); }

void OptimizerOptions::check(FieldErrors& errors) const {
  const SettingValues found = values_of(*this);
  const SettingValues defaults = values_of(OptimizerOptions());
  for (std::size_t i = 0; i < found.names.size(); ++i)
    if (found.values[i] != defaults.values[i] && !uses(name, found.names[i]))
      errors.add(found.names[i], refusal(name, found.names[i]));
  if (uses(name, "nesterov") && nesterov && momentum == 0.0) errors.add("nesterov", "needs a momentum above 0");
}

}  // namespace llmtool
