#include "llmtool/training/run_report.h"

#include <array>
#include <cstdio>

namespace llmtool {
namespace {

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

}  // namespace

void RunReport::add_step(TrainerState& state, const StepOutcome& outcome, double learning_rate, double seconds) {
  state.loss_sum += outcome.loss;
  state.num_examples += outcome.num_examples;
  state.num_tokens += outcome.num_tokens;
  ++state.window_steps;
  for (const auto& [name, value] : outcome.terms) state.window_terms[name] += value;
  window_.num_tokens += outcome.num_tokens;
  window_.num_rows += outcome.num_rows;
  window_.seconds += seconds;
  window_.data_seconds += outcome.data_seconds;
  events_.progress({"training", state.step, state.total_steps, "steps", pace_text(outcome.loss)});
  if (state.step % log_every_ == 0 || state.step == state.total_steps) write_line(state, outcome, learning_rate);
}

// Losses are means over the steps since the last line; gradient norm and learning rate are this step's.
void RunReport::write_line(TrainerState& state, const StepOutcome& outcome, double learning_rate) {
  const auto steps = static_cast<double>(state.window_steps);
  double loss = 0.0;
  for (const auto& [name, sum] : state.window_terms) loss += sum / steps;
  Scalars scalars{{"loss", loss}};
  if (state.window_terms.size() > 1)
    for (const auto& [name, sum] : state.window_terms) scalars.emplace_back("loss_" + name, sum / steps);
  scalars.emplace_back("learning_rate", learning_rate);
  scalars.emplace_back("grad_norm", outcome.gradient_norm);
  scalars.emplace_back("tokens_per_second", tokens_per_second());
  scalars.emplace_back("share_padding", share_padding());
  scalars.emplace_back("share_waiting", share_waiting());
  log_.add(state.step, state.epoch, scalars);
  Json fields{{"step", state.step}, {"epoch", state.epoch}};
  for (const auto& [name, value] : scalars) fields[name] = value;
  events_.debug("step " + std::to_string(state.step) + "  " + pace_text(loss), fields);
  state.window_steps = 0;
  state.window_terms.clear();
  window_ = {};
}

void RunReport::add_evaluation(const TrainerState& state, const MetricReport& report, const std::string& goal) {
  Scalars scalars;
  for (const Metric& metric : report.metrics)
    if (metric.value) scalars.emplace_back("eval_" + metric.name, *metric.value);
  log_.add(state.step, state.epoch, scalars);
  const Metric* metric = report.find(goal);
  const std::string value = metric->value ? rounded(*metric->value) : "undefined (" + metric->reason + ")";
  const bool is_best = state.best_step == state.step;
  events_.info("step " + std::to_string(state.step) + ": " + goal + " " + value + (is_best ? ", the best so far" : ""),
               report.to_json());
  if (state.stopped_early)
    events_.info("stopping early: no improvement in " + std::to_string(state.evaluations_without_improvement) +
                 " evaluations; the best was after step " + std::to_string(state.best_step));
}

double RunReport::tokens_per_second() const {
  return window_.seconds > 0.0 ? static_cast<double>(window_.num_tokens) / window_.seconds : 0.0;
}

double RunReport::share_waiting() const { return window_.seconds > 0.0 ? window_.data_seconds / window_.seconds : 0.0; }

double RunReport::share_padding() const {
  if (window_.num_rows == 0) return 0.0;
  return 1.0 - static_cast<double>(window_.num_tokens) / static_cast<double>(window_.num_rows);
}

std::string RunReport::pace_text(double loss) const {
  std::array<char, 128> text{};
  std::snprintf(text.data(), text.size(), "loss %.4f  %.0f tokens/s  padding %.0f %%  waiting for data %.0f %%", loss,
                tokens_per_second(), 100.0 * share_padding(), 100.0 * share_waiting());
  return text.data();
}

}  // namespace llmtool
