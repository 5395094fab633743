#include "llmtool/training/run_report.h"

#include <cstdio>

namespace llmtool {
namespace {

std::string loss_text(double loss, double tokens_per_second) {
  char text[64];
  std::snprintf(text, sizeof(text), "loss %.4f  %.0f tokens/s", loss, tokens_per_second);
  return text;
}

std::string rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.4f", value);
  return text;
}

}  // namespace

void RunReport::add_step(RunState& state, const StepOutcome& outcome, double learning_rate, const StepTime& time) {
  state.loss_sum += outcome.loss;
  state.num_examples += outcome.num_examples;
  state.num_tokens += outcome.num_tokens;
  ++state.window_steps;
  for (const auto& [name, value] : outcome.terms) state.window_terms[name] += value;
  window_tokens_ += outcome.num_tokens;
  window_time_.seconds += time.seconds;
  window_time_.seconds_waiting += time.seconds_waiting;
  events_.progress({"training", state.step, state.total_steps, "steps", loss_text(outcome.loss, tokens_per_second())});
  if (state.step % log_every_ == 0 || state.step == state.total_steps) write_line(state, outcome, learning_rate);
}

// Losses are means over the steps since the last line; gradient norm and learning rate are this step's.
void RunReport::write_line(RunState& state, const StepOutcome& outcome, double learning_rate) {
  const auto steps = static_cast<double>(state.window_steps);
  double loss = 0.0;
  for (const auto& [name, sum] : state.window_terms) loss += sum / steps;
  Scalars scalars{{"loss", loss}};
  if (state.window_terms.size() > 1)
    for (const auto& [name, sum] : state.window_terms) scalars.emplace_back("loss_" + name, sum / steps);
  scalars.emplace_back("learning_rate", learning_rate);
  scalars.emplace_back("grad_norm", outcome.gradient_norm);
  scalars.emplace_back("tokens_per_second", tokens_per_second());
  scalars.emplace_back("share_waiting",
                       window_time_.seconds > 0.0 ? window_time_.seconds_waiting / window_time_.seconds : 0.0);
  log_.add(state.step, state.epoch, scalars);
  Json fields{{"step", state.step}, {"epoch", state.epoch}};
  for (const auto& [name, value] : scalars) fields[name] = value;
  events_.debug("step " + std::to_string(state.step) + "  " + loss_text(loss, tokens_per_second()), fields);
  state.window_steps = 0;
  state.window_terms.clear();
  window_tokens_ = 0;
  window_time_ = {};
}

void RunReport::add_evaluation(const RunState& state, const MetricReport& report, const std::string& goal) {
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
  return window_time_.seconds > 0.0 ? static_cast<double>(window_tokens_) / window_time_.seconds : 0.0;
}

}  // namespace llmtool
