#include "llmtool/training/best_model.h"

#include <cmath>

namespace llmtool {

bool record_evaluation(RunState& state, std::optional<double> value, Direction direction,
                       const std::optional<EarlyStoppingOptions>& early_stopping) {
  state.evaluated_step = state.step;
  const bool is_best = value && (!state.best_metric || is_better(direction, *value, *state.best_metric));
  const double min_delta = early_stopping ? early_stopping->min_delta : 0.0;
  const bool improved = is_best && (!state.best_metric || std::abs(*value - *state.best_metric) > min_delta);
  state.evaluations_without_improvement = improved ? 0 : state.evaluations_without_improvement + 1;
  if (is_best) {
    state.best_metric = value;
    state.best_step = state.step;
  }
  if (early_stopping && state.evaluations_without_improvement >= early_stopping->patience) state.stopped_early = true;
  return is_best;
}

}  // namespace llmtool
