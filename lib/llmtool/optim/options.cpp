#include "llmtool/optim/options.h"

#include <algorithm>
#include <cstddef>
#include <vector>

#include "llmtool/core/listed.h"

namespace llmtool {
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
