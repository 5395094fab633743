#pragma once

#include "llmtool/core/json.h"
#include "llmtool/optim/options.h"

namespace llmtool::testing {

// Sets the optimizer settings that a golden file names.
struct SettingsFromJson {
  const Json& json;

  template <class T, class... Rules>
  void operator()(const char* name, T& value, const char*, const Rules&...) const {
    if (!json.contains(name)) return;
    if constexpr (NamedEnum<T>) {
      value = enum_from_name<T>(json.at(name).template get<std::string>()).value();
    } else {
      value = json.at(name).template get<T>();
    }
  }
};

inline OptimizerOptions optimizer_options(const Json& json) {
  OptimizerOptions options;
  SettingsFromJson visitor{json};
  OptimizerOptions::visit_fields(options, visitor);
  return options;
}

}  // namespace llmtool::testing
