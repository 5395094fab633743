#include "llmtool/training/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <sys/resource.h>

#include <cmath>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/optim/optimizer.h"
#include "llmtool/optim/options.h"
#include "llmtool/training/checkpoint.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/optimization_step.h"
#include "llmtool/training/run_report.h"
#include "llmtool/training/step_profile.h"
#include "llmtool/training/trainer_state.h"

namespace llmtool {
namespace {

// Thrown out of a long piece of work when the run is asked to stop.
struct Interrupted {};

// Passes everything on, and throws Interrupted from progress() once `stop_requested` says so.
class InterruptibleEvents : public EventSink {
 public:
  InterruptibleEvents(EventSink& events, std::function<bool()> stop_requested)
      : events_(events), stop_requested_(std::move(stop_requested)) {}

  void log(LogLevel level, const std::string& message, const Json& fields) override {
    events_.log(level, message, fields);
  }
  void progress(const Progress& progress) override {
    if (stop_requested_()) throw Interrupted();
    events_.progress(progress);
  }

 private:
  EventSink& events_;
  std::function<bool()> stop_requested_;
};

// Takes in the figure an evaluation after state.step found and returns whether it is the best so far. Counts
// evaluations that improve on it by no more than min_delta, as transformers' EarlyStoppingCallback. An undefined figure
// never is the best.
bool record_evaluation(TrainerState& state, std::optional<double> value, Direction direction,
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

std::int64_t peak_memory_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return std::int64_t{usage.ru_maxrss} * 1024;  // Linux counts in KiB
}

class TrainingRun {
 public:
  TrainingRun(Trainable& trainable, const EpochOrder& epoch_order, const TrainerOptions& options,
              ProcessGroup& process_group, TrainingLog& log, EventSink& events);
  TrainingResult run();

 private:
  void begin();
  void continue_from(std::int64_t step);
  void check_best_checkpoint();
  Json plan_json() const;

  bool run_step();
  std::vector<MicroBatch> micro_batches_of(std::int64_t step);
  void begin_epoch(std::int64_t epoch);
  // Tokens of the examples in the order of the epoch that was begun; none where nothing depends on them.
  std::vector<std::int64_t> lengths() const;

  void settle_step();
  bool stop_is_wanted_here() const;
  bool stop_is_due();
  [[noreturn]] void stop();
  bool evaluation_is_due() const;
  bool checkpoint_is_due() const;
  bool evaluate();
  std::optional<double> goal_value(const MetricReport& report);
  void save();
  double seconds() const { return earlier_seconds_ + stopwatch_.seconds(); }
  TrainingResult result() const;

  Trainable& trainable_;
  const EpochOrder& epoch_order_;
  const TrainerOptions& options_;
  ProcessGroup& process_group_;
  EventSink& events_;
  RunReport report_;

  std::int64_t epoch_ = 0;
  std::vector<std::int64_t> order_;
  std::vector<std::int64_t> lengths_;
  BatchCuts cuts_;
  std::vector<std::int64_t> places_;
  StepPlan plan_;
  Schedule schedule_;
  std::unique_ptr<Optimizer> optimizer_;
  std::unique_ptr<StepProfile> profile_;
  OptimizationStep optimization_step_;
  TrainerState state_;

  Stopwatch stopwatch_;
  Stopwatch since_save_;
  double earlier_seconds_ = 0.0;
};

TrainingRun::TrainingRun(Trainable& trainable, const EpochOrder& epoch_order, const TrainerOptions& options,
                         ProcessGroup& process_group, TrainingLog& log, EventSink& events)
    : trainable_(trainable),
      epoch_order_(epoch_order),
      options_(options),
      process_group_(process_group),
      events_(events),
      report_(log, events, options.training.log_every),
      order_(epoch_order(0)),
      lengths_(lengths()),
      cuts_(static_cast<std::int64_t>(order_.size()), lengths_, options.training),
      places_(cuts_.places(lengths_)),
      plan_(cuts_.num_micro_batches(), options.training),
      schedule_(options.training.schedule, options.training.optimizer.learning_rate, plan_.total_steps()),
      optimizer_(make_optimizer(options.training.optimizer, trainable.parameters(),
                                options.training.kernels == KernelChoice::kAuto)),
      profile_(options.profile ? std::make_unique<StepProfile>() : nullptr),
      optimization_step_(trainable, *optimizer_, process_group, options.training.max_gradient_norm, profile_.get()) {}

TrainingResult TrainingRun::run() {
  begin();
  options_.steps_begin();
  while (!state_.finished()) {
    // Between micro-batches only a stop makes a step give up.
    if (!run_step()) stop();
    settle_step();
  }
  return result();
}

// Continues from the newest whole checkpoint, or starts anew.
void TrainingRun::begin() {
  if (const auto step = find_newest_checkpoint(options_.output_dir, events_)) {
    continue_from(*step);
    return;
  }
  at::manual_seed(options_.seed);
  state_.total_steps = plan_.total_steps();
  state_.plan = plan_json();
  report_.start_after(0);
}

void TrainingRun::continue_from(std::int64_t step) {
  const auto directory = options_.output_dir / checkpoint_name(step);
  state_ = load_checkpoint(directory, trainable_, *optimizer_);
  if (state_.plan != plan_json())
    throw ConfigError(directory.string() + " belongs to a run with other settings: it has " +
                      to_json_text(state_.plan) + ", now " + to_json_text(plan_json()) +
                      "; choose another output_dir or start anew");
  // The run's own may be damaged, or older where the run was killed behind the checkpoint.
  if (process_group_.rank() == 0) write_trainer_state(options_.output_dir, state_);
  earlier_seconds_ = state_.seconds;
  check_best_checkpoint();
  report_.start_after(step);
  events_.info("continuing from " + directory.string() + " (step " + std::to_string(step) + " of " +
               std::to_string(state_.total_steps) + ")");
  if (evaluation_is_due()) {  // the run was stopped before it
    evaluate();
    save();
  }
}

void TrainingRun::check_best_checkpoint() {
  if (state_.best_step == 0 || state_.best_step == state_.step) return;
  const auto damage = find_damage(options_.output_dir / checkpoint_name(state_.best_step), kCheckpointFiles);
  if (!damage) return;
  if (state_.finished() && !evaluation_is_due())
    throw ModelError("the training in " + options_.output_dir.string() + " is finished, but its best checkpoint, " +
                     checkpoint_name(state_.best_step) + ", is lost (" + *damage +
                     "); take it from a copy, or run the same command again with --overwrite, which trains anew");
  events_.warning("the best checkpoint so far, " + checkpoint_name(state_.best_step) + ", is lost (" + *damage +
                  "): the best is chosen among those from here on");
  state_.best_step = 0;
  state_.best_metric.reset();
  state_.best_evaluation = nullptr;
}

// This makes step k the same step: a checkpoint of another plan must not be continued silently.
Json TrainingRun::plan_json() const {
  Json plan = {{"num_examples", cuts_.num_examples()},           {"batch_size", options_.training.batch_size},
               {"accumulation", options_.training.accumulation}, {"max_steps", plan_.total_steps()},
               {"world_size", process_group_.world_size()},      {"seed", options_.seed}};
  if (options_.training.tokens_per_batch) plan["tokens_per_batch"] = *options_.training.tokens_per_batch;
  return plan;
}

std::vector<std::int64_t> TrainingRun::lengths() const {
  std::vector<std::int64_t> lengths;
  if (!options_.training.tokens_per_batch) return lengths;
  for (const std::int64_t example : order_) lengths.push_back(trainable_.num_tokens(example, epoch_));
  return lengths;
}

void TrainingRun::begin_epoch(std::int64_t epoch) {
  if (epoch == epoch_) return;
  epoch_ = epoch;
  order_ = epoch_order_(epoch);
  if (static_cast<std::int64_t>(order_.size()) != cuts_.num_examples())
    throw std::logic_error("the order of an epoch does not have the number of examples of the first");
  lengths_ = lengths();
  places_ = cuts_.places(lengths_);
}

std::vector<MicroBatch> TrainingRun::micro_batches_of(std::int64_t step) {
  const StepPlan::Position position = plan_.position(step);
  begin_epoch(position.epoch);
  std::vector<MicroBatch> batches;
  for (auto i = static_cast<std::size_t>(position.first_micro_batch);
       i < static_cast<std::size_t>(position.end_micro_batch); ++i) {
    const auto begin = static_cast<std::size_t>(places_[i]);
    const auto end = static_cast<std::size_t>(places_[i + 1]);
    batches.push_back({std::span<const std::int64_t>(order_).subspan(begin, end - begin), position.epoch});
  }
  return batches;
}

// Returns false when it gave up between two micro-batches: then everything is as before the step.
bool TrainingRun::run_step() {
  const Stopwatch watch;
  const double learning_rate = schedule_.learning_rate(state_.step);
  const auto random_state = capture_random_state(trainable_.parameters());
  const auto outcome = optimization_step_.run(micro_batches_of(state_.step), learning_rate, state_.step + 1,
                                              [this] { return stop_is_due(); });
  if (!outcome) {
    restore_random_state(random_state, trainable_.parameters());
    return false;
  }
  if (profile_) profile_->end_step();
  ++state_.step;
  state_.epoch = plan_.epochs_after(state_.step);
  report_.add_step(state_, *outcome, learning_rate, watch.seconds());
  return true;
}

// Does what is due after a step besides training: stop, evaluate, save.
void TrainingRun::settle_step() {
  if (stop_is_due()) stop();
  const bool is_best = evaluation_is_due() && evaluate();
  if (is_best || checkpoint_is_due()) save();
}

bool TrainingRun::stop_is_wanted_here() const {
  const auto& limit = options_.training.time_limit;
  const bool time_is_up = limit && stopwatch_.seconds() >= static_cast<double>(limit->seconds);
  return time_is_up || options_.stop_requested();
}

// Every rank must come to the same answer.
bool TrainingRun::stop_is_due() {
  double votes = stop_is_wanted_here() ? 1.0 : 0.0;
  process_group_.sum_over_ranks({&votes, 1});
  return votes > 0.0;
}

void TrainingRun::stop() {
  save();
  throw StoppedError("training stopped after step " + std::to_string(state_.step) + " of " +
                     std::to_string(state_.total_steps) + "; saved " +
                     (options_.output_dir / checkpoint_name(state_.step)).string() +
                     "; run the same command again to continue");
}

bool TrainingRun::evaluation_is_due() const {
  using Kind = EvaluationInterval::Kind;
  const EvaluationInterval& every = options_.evaluation.every;
  if (!options_.goal || every.kind == Kind::kNever || state_.step == 0 || state_.evaluated_step == state_.step)
    return false;
  if (state_.step == state_.total_steps) return true;
  return every.kind == Kind::kSteps ? state_.step % every.steps == 0 : plan_.ends_epoch(state_.step);
}

bool TrainingRun::checkpoint_is_due() const {
  const CheckpointInterval& every = options_.checkpoint.every;
  if (state_.finished()) return true;
  switch (every.kind) {
    case CheckpointInterval::Kind::kSteps:
      return state_.step % every.steps == 0;
    case CheckpointInterval::Kind::kEpoch:
      return plan_.ends_epoch(state_.step);
    case CheckpointInterval::Kind::kTime:
      break;
  }
  double votes = since_save_.seconds() >= static_cast<double>(every.time.seconds) ? 1.0 : 0.0;
  process_group_.sum_over_ranks({&votes, 1});
  return votes > 0.0;
}

// Returns whether this is the best model so far. Whatever the evaluation draws does not reach the training.
bool TrainingRun::evaluate() {
  const auto random_state = capture_random_state(trainable_.parameters());
  MetricReport report;
  try {
    InterruptibleEvents events(events_, [this] { return stop_is_wanted_here(); });
    // Several ranks would break off at different places: there a stop waits for the end of the evaluation.
    report = trainable_.evaluate(process_group_.world_size() == 1 ? events : events_);
  } catch (const Interrupted&) {
    restore_random_state(random_state, trainable_.parameters());
    stop();
  }
  restore_random_state(random_state, trainable_.parameters());
  const auto value = goal_value(report);
  const bool is_best = record_evaluation(state_, value, options_.goal->direction, options_.evaluation.early_stopping);
  if (is_best) state_.best_evaluation = report.to_json();
  report_.add_evaluation(state_, report, options_.goal->name);
  return is_best;
}

std::optional<double> TrainingRun::goal_value(const MetricReport& report) {
  const Metric* metric = report.find(options_.goal->name);
  if (metric == nullptr) throw ConfigError("evaluation.metric: the evaluation yields no " + quote(options_.goal->name));
  if (!metric->value)
    events_.warning("step " + std::to_string(state_.step) + ": " + metric->name + " is undefined: " + metric->reason);
  return metric->value;
}

void TrainingRun::save() {
  state_.seconds = seconds();
  if (!options_.goal || (state_.finished() && state_.best_step == 0)) state_.best_step = state_.step;
  if (process_group_.rank() == 0) {
    save_checkpoint(options_.output_dir, state_, trainable_, *optimizer_);
    remove_old_checkpoints(options_.output_dir, options_.checkpoint.keep, state_.best_step, events_);
  }
  process_group_.barrier();
  since_save_.restart();
  events_.debug("saved " + (options_.output_dir / checkpoint_name(state_.step)).string());
}

TrainingResult TrainingRun::result() const {
  TrainingResult result;
  result.stop_reason = state_.stopped_early ? StopReason::kEarlyStopping : StopReason::kCompleted;
  result.num_steps = state_.step;
  result.epoch = state_.epoch;
  result.train_loss = state_.loss_sum / static_cast<double>(state_.step);
  result.train_runtime = state_.seconds;
  result.train_samples_per_second = static_cast<double>(state_.num_examples) / state_.seconds;
  result.train_steps_per_second = static_cast<double>(state_.step) / state_.seconds;
  result.train_tokens_per_second = static_cast<double>(state_.num_tokens) / state_.seconds;
  result.peak_memory_bytes = peak_memory_bytes();
  result.best_step = state_.best_step;
  result.best_checkpoint = options_.output_dir / checkpoint_name(state_.best_step);
  result.best_metric = state_.best_metric;
  if (profile_) result.profile = profile_->to_json();
  result.best_evaluation = state_.best_evaluation;
  return result;
}

}  // namespace

TrainingResult train(Trainable& trainable, const EpochOrder& epoch_order, const TrainerOptions& options,
                     ProcessGroup& process_group, TrainingLog& log, EventSink& events) {
  return TrainingRun(trainable, epoch_order, options, process_group, log, events).run();
}

Json TrainingResult::to_json() const {
  Json json;
  json["epoch"] = epoch;
  json["train_loss"] = train_loss;
  json["train_runtime"] = train_runtime;
  json["train_samples_per_second"] = train_samples_per_second;
  json["train_steps_per_second"] = train_steps_per_second;
  json["train_tokens_per_second"] = train_tokens_per_second;
  json["train_steps"] = num_steps;
  json["best_step"] = best_step;
  json["best_metric"] = best_metric ? Json(*best_metric) : Json(nullptr);
  json["stopped_early"] = stop_reason == StopReason::kEarlyStopping;
  json["peak_memory_bytes"] = peak_memory_bytes;
  if (!profile.is_null()) json["profile"] = profile;
  return json;
}

}  // namespace llmtool
