#include "llmtool/metrics/report.h"

namespace llmtool {

void set_figure(Json& object, const std::string& name, const MetricValue& value) {
  object[name] = value.value ? Json(*value.value) : Json(nullptr);
  if (!value.value) object[name + "_undefined"] = value.reason;
}

const Metric* MetricReport::find(std::string_view name) const {
  for (const Metric& metric : metrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

Json MetricReport::to_json() const {
  Json result = Json::object();
  for (const Metric& metric : metrics) set_figure(result, metric.name, {metric.value, metric.reason});
  for (const auto& [name, value] : details.items()) result[name] = value;
  return result;
}

}  // namespace llmtool
