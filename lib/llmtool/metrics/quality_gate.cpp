#include "llmtool/metrics/quality_gate.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.6g", value);
  return text;
}

void require_known(const std::string& metric) {
  std::vector<std::string> names = {std::string(kPseudoPerplexity)};
  for (const MetricRow& row : metric_table()) names.emplace_back(row.name);
  if (std::find(names.begin(), names.end(), metric) != names.end()) return;
  const std::string nearest = nearest_name(metric, names);
  throw UsageError("--require: there is no metric " + quote(metric) +
                   (nearest.empty() ? "" : "; did you mean " + nearest + "?"));
}

std::string names_of(const MetricReport& report) { return listed(report.metrics, &Metric::name); }

}  // namespace

QualityRequirement QualityRequirement::parse(const std::string& text) {
  const std::size_t sign = text.find_first_of("<>");
  QualityRequirement requirement;
  const bool has_sign = sign != std::string::npos && sign + 1 < text.size() && text[sign + 1] == '=';
  if (has_sign) {
    requirement.metric = text.substr(0, sign);
    requirement.at_least = text[sign] == '>';
    const char* end = text.data() + text.size();
    const auto [after, error] = std::from_chars(text.data() + sign + 2, end, requirement.bound);
    if (error == std::errc() && after == end && std::isfinite(requirement.bound)) {
      require_known(requirement.metric);
      return requirement;
    }
  }
  throw UsageError("--require " + quote(text) + ": write METRIC>=VALUE or METRIC<=VALUE, for example macro_f1>=0.8");
}

std::vector<std::string> unmet_requirements(const std::vector<QualityRequirement>& requirements,
                                            const MetricReport& report) {
  std::vector<std::string> unmet;
  for (const QualityRequirement& requirement : requirements) {
    const std::string wanted = requirement.metric + (requirement.at_least ? " >= " : " <= ") +
                               short_number(requirement.bound) + " is required, ";
    const Metric* metric = report.find(requirement.metric);
    if (metric == nullptr) {
      unmet.push_back(wanted + "but this evaluation does not give it; it gives " + names_of(report));
    } else if (!metric->value) {
      unmet.push_back(wanted + "but it is undefined: " + metric->reason);
    } else if (requirement.at_least ? *metric->value < requirement.bound : *metric->value > requirement.bound) {
      unmet.push_back(wanted + "but it is " + short_number(*metric->value));
    }
  }
  return unmet;
}

}  // namespace llmtool
