#pragma once

#include <string>
#include <vector>

#include "llmtool/metrics/report.h"

namespace llmtool {

// A figure that must hold: "macro_f1>=0.8", "log_loss<=0.5".
struct QualityRequirement {
  std::string metric;
  bool at_least = true;  // >=, else <=
  double bound = 0.0;

  // Throws UsageError for another form or an unknown metric (names the nearest).
  static QualityRequirement parse(const std::string& text);
};

// What is not met, a sentence each; empty: all hold. An undefined figure does not meet any bound.
std::vector<std::string> unmet_requirements(const std::vector<QualityRequirement>& requirements,
                                            const MetricReport& report);

}  // namespace llmtool
