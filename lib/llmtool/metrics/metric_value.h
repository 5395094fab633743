#pragma once

#include <optional>
#include <string>
#include <utility>

namespace llmtool {

// A figure, or the reason why it is undefined.
struct MetricValue {
  std::optional<double> value;
  std::string reason;

  static MetricValue of(double value) { return {value, ""}; }
  static MetricValue undefined(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

}  // namespace llmtool
