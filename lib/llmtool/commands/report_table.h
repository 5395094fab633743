#pragma once

#include <string>

#include "llmtool/metrics/report.h"

namespace llmtool {

// The figures of a report as aligned text: a line per figure (undefined ones with their reason), a line per label, and
// the confusion matrix when it is small enough to read.
std::string report_table(const MetricReport& report);

}  // namespace llmtool
