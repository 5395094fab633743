#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "llmtool/core/json.h"

namespace llmtool {

// Everything about a run's past that decides or describes its future, besides weights, optimizer and generators. It is
// trainer_state.json, in every checkpoint and in the run directory (names as in transformers where it has them).
struct TrainerState {
  std::int64_t step = 0;
  std::int64_t total_steps = 0;
  double epoch = 0.0;

  // The run's steps depend on it; a checkpoint of another plan is not continued.
  Json plan = Json::object();

  // Last step after which the evaluation that was due is done; 0: none.
  std::int64_t evaluated_step = 0;
  std::optional<double> best_metric;
  std::int64_t best_step = 0;
  Json best_evaluation;
  std::int64_t evaluations_without_improvement = 0;
  bool stopped_early = false;

  // Totals for the results.
  double loss_sum = 0.0;
  std::int64_t num_examples = 0;
  std::int64_t num_tokens = 0;
  double seconds = 0.0;

  // Since the last line of the log.
  std::int64_t window_steps = 0;
  std::map<std::string, double> window_terms;

  bool finished() const { return step >= total_steps || stopped_early; }

  Json to_json() const;
  // Throws ModelError naming `file`.
  static TrainerState from_json(const Json& json, const std::string& file);
};

}  // namespace llmtool
