#pragma once

#include <cstdint>
#include <optional>

#include "llmtool/metrics/metric_table.h"
#include "llmtool/training/options.h"
#include "llmtool/training/run_state.h"

namespace llmtool {

// Takes in the figure an evaluation after state.step found and returns whether it is the best so far. Counts
// evaluations that improve on it by no more than min_delta, as transformers' EarlyStoppingCallback. An undefined figure
// never is the best.
bool record_evaluation(RunState& state, std::optional<double> value, Direction direction,
                       const std::optional<EarlyStoppingOptions>& early_stopping);

}  // namespace llmtool
