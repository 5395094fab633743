#include "llmtool/metrics/report.h"

namespace llmtool {

const Metric* MetricReport::find(std::string_view name) const {
  for (const Metric& metric : metrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

Json MetricReport::to_json() const {
  Json result = Json::object();
  for (const Metric& metric : metrics) {
    if (metric.value) {
      result[metric.name] = *metric.value;
    } else {
      result[metric.name] = nullptr;
      result[metric.name + "_undefined"] = metric.reason;
    }
  }
  for (const auto& [name, value] : details.items()) result[name] = value;
  return result;
}

}  // namespace llmtool
