#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/json.h"
#include "llmtool/metrics/metric_value.h"

namespace llmtool {

// One figure. Without a value, `reason` says why it is undefined; it is shown as null.
struct Metric {
  std::string name;
  std::optional<double> value;
  std::string reason;
};

// Puts a figure into an object: null with "<name>_undefined": reason where it has no value.
void set_figure(Json& object, const std::string& name, const MetricValue& value);

// What an evaluation found: figures in the order they are shown, and structured parts (per_class, confusion_matrix).
struct MetricReport {
  std::vector<Metric> metrics;
  Json details = Json::object();

  // nullptr when there is none of this name.
  const Metric* find(std::string_view name) const;
  // One object: every figure by name (null with "<name>_undefined": reason), then the details.
  Json to_json() const;
};

}  // namespace llmtool
