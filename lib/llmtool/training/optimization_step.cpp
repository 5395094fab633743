#include "llmtool/training/optimization_step.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/training/step_profile.h"

namespace llmtool {
namespace {

std::int64_t divide_up(std::int64_t dividend, std::int64_t divisor) { return (dividend + divisor - 1) / divisor; }

std::int64_t sum_of(std::span<const std::int64_t> lengths) {
  return std::accumulate(lengths.begin(), lengths.end(), std::int64_t{0});
}

}  // namespace

BatchCuts::BatchCuts(std::int64_t num_examples, std::span<const std::int64_t> lengths, const TrainingOptions& options)
    : num_examples_(num_examples), batch_size_(options.batch_size), by_tokens_(options.tokens_per_batch.has_value()) {
  if (num_examples == 0) throw DataError("there are no training examples");
  num_micro_batches_ =
      by_tokens_ ? std::clamp<std::int64_t>(divide_up(sum_of(lengths), *options.tokens_per_batch), 1, num_examples)
                 : divide_up(num_examples, batch_size_);
}

std::vector<std::int64_t> BatchCuts::places(std::span<const std::int64_t> lengths) const {
  if (by_tokens_) return places_by_tokens(lengths);
  std::vector<std::int64_t> places;
  for (std::int64_t begin = 0; begin < num_examples_; begin += batch_size_) places.push_back(begin);
  places.push_back(num_examples_);
  return places;
}

// An example belongs to the equal share of the tokens in which its middle lies.
std::vector<std::int64_t> BatchCuts::places_by_tokens(std::span<const std::int64_t> lengths) const {
  const double share = static_cast<double>(sum_of(lengths)) / num_micro_batches_;
  std::vector<std::int64_t> places{0};
  double before = 0.0;
  for (std::int64_t place = 0; place < num_examples_; ++place) {
    const auto own = static_cast<double>(lengths[static_cast<std::size_t>(place)]);
    const auto batch = static_cast<std::int64_t>(places.size());  // begins here, if one does
    const std::int64_t left = num_micro_batches_ - batch;
    const bool is_next_share = before + 0.5 * own >= share * static_cast<double>(batch);
    const bool is_needed = num_examples_ - place == left;  // by those that begin later, one example each
    if (place > places.back() && left > 0 && (is_next_share || is_needed)) places.push_back(place);
    before += own;
  }
  places.push_back(num_examples_);
  return places;
}

StepPlan::StepPlan(std::int64_t micro_batches_per_epoch, const TrainingOptions& options)
    : accumulation_(options.accumulation), micro_batches_per_epoch_(micro_batches_per_epoch) {
  steps_per_epoch_ = (micro_batches_per_epoch_ + accumulation_ - 1) / accumulation_;
  const double steps = std::ceil(options.epochs * static_cast<double>(steps_per_epoch_));
  total_steps_ = options.max_steps.value_or(std::max<std::int64_t>(1, static_cast<std::int64_t>(steps)));
}

StepPlan::Position StepPlan::position(std::int64_t step) const {
  const std::int64_t first = step % steps_per_epoch_ * accumulation_;
  return {step / steps_per_epoch_, first, std::min(first + accumulation_, micro_batches_per_epoch_)};
}

double StepPlan::epochs_after(std::int64_t steps) const {
  if (steps == 0) return 0.0;
  const Position last = position(steps - 1);
  return static_cast<double>(last.epoch) +
         static_cast<double>(last.end_micro_batch) / static_cast<double>(micro_batches_per_epoch_);
}

namespace {

constexpr std::size_t kMostNamed = 10;
constexpr const char* kAdvice =
    "; lower training.optimizer.learning_rate, lengthen training.schedule.warmup, or look at these examples";

std::string some_listed(const std::vector<std::string>& names) { return listed(names, std::identity(), kMostNamed); }

std::string step_text(std::int64_t step, const MicroBatch& batch) {
  return "training step " + std::to_string(step) + " (epoch " + std::to_string(batch.epoch + 1) + "): ";
}

// A term without anything to predict in the whole step (denominator 0) has no part in the loss.
double share(const LossTerm& term, double denominator) { return denominator == 0.0 ? 0.0 : term.weight / denominator; }

}  // namespace

OptimizationStep::OptimizationStep(Trainable& trainable, Optimizer& optimizer, ProcessGroup& process_group,
                                   double max_gradient_norm, StepProfile* profile)
    : trainable_(trainable),
      optimizer_(optimizer),
      process_group_(process_group),
      max_gradient_norm_(max_gradient_norm),
      profile_(profile) {}

void OptimizationStep::begin(StepStage stage) const {
  if (profile_ != nullptr) profile_->begin(stage);
}

std::optional<StepOutcome> OptimizationStep::run(const std::vector<MicroBatch>& micro_batches, double learning_rate,
                                                 std::int64_t step, const std::function<bool()>& abandon) {
  trainable_.parameters().clear_gradients();
  begin(StepStage::kData);
  const Stopwatch watch;
  const std::vector<std::unique_ptr<Batch>> batches = make_batches(micro_batches);
  const std::vector<double> denominators = step_denominators(batches);
  StepOutcome outcome;
  outcome.data_seconds = watch.seconds();
  for (const auto& batch : batches) outcome.num_rows += batch->num_rows;
  std::vector<double> parts(denominators.size());
  for (std::size_t i = 0; i < micro_batches.size(); ++i) {
    if (i > 0 && abandon()) {
      trainable_.parameters().clear_gradients();
      return std::nullopt;
    }
    const std::vector<std::pair<std::string, double>> terms =
        accumulate(*batches[i], micro_batches[i], denominators, step);
    if (micro_batches.size() > 1) trainable_.parameters().widen_gradients();
    for (std::size_t t = 0; t < terms.size(); ++t) parts[t] += terms[t].second;
    if (i == 0) outcome.terms = terms;
  }
  process_group_.sum_over_ranks(parts);
  for (std::size_t t = 0; t < parts.size(); ++t) {
    outcome.terms[t].second = parts[t];
    outcome.loss += parts[t];
  }
  update(outcome, micro_batches, learning_rate, step);
  count(micro_batches, outcome);
  return outcome;
}

std::vector<std::unique_ptr<Batch>> OptimizationStep::make_batches(const std::vector<MicroBatch>& micro_batches) {
  std::vector<std::unique_ptr<Batch>> batches;
  for (const MicroBatch& micro_batch : micro_batches) batches.push_back(trainable_.make_batch(micro_batch));
  return batches;
}

std::vector<double> OptimizationStep::step_denominators(const std::vector<std::unique_ptr<Batch>>& batches) {
  std::vector<double> sums;
  for (const auto& batch : batches) {
    sums.resize(batch->denominators.size());
    for (std::size_t t = 0; t < sums.size(); ++t) sums[t] += batch->denominators[t];
  }
  process_group_.sum_over_ranks(sums);
  return sums;
}

// Adds the gradients of one micro-batch and returns its terms' shares of the loss.
std::vector<std::pair<std::string, double>> OptimizationStep::accumulate(const Batch& batch,
                                                                         const MicroBatch& micro_batch,
                                                                         const std::vector<double>& denominators,
                                                                         std::int64_t step) {
  begin(StepStage::kForward);
  const std::vector<LossTerm> terms = trainable_.loss(batch);
  if (terms.size() != denominators.size())
    throw std::logic_error("a batch has denominators for other terms than the loss has");
  std::vector<std::pair<std::string, double>> parts;
  at::Tensor objective;
  for (std::size_t t = 0; t < terms.size(); ++t) {
    const double value = terms[t].sum.item<double>();
    if (!std::isfinite(value))
      throw NonFiniteError(step_text(step, micro_batch) + "the loss " + quote(terms[t].name) + " is " +
                           std::to_string(value) + "; examples of the batch: " + describe(micro_batch) + kAdvice);
    const double share_of_step = share(terms[t], denominators[t]);
    const at::Tensor part = terms[t].sum * share_of_step;
    objective = objective.defined() ? objective + part : part;
    parts.emplace_back(terms[t].name, value * share_of_step);
  }
  begin(StepStage::kBackward);
  objective.backward();
  return parts;
}

void OptimizationStep::update(StepOutcome& outcome, const std::vector<MicroBatch>& micro_batches, double learning_rate,
                              std::int64_t step) {
  ParameterStore& parameters = trainable_.parameters();
  begin(StepStage::kGradientNorm);
  sum_gradients();
  parameters.coalesce_gradients();
  outcome.gradient_norm = parameters.gradient_norm();
  if (!std::isfinite(outcome.gradient_norm)) {
    const std::string examples = listed(micro_batches, [this](const MicroBatch& batch) { return describe(batch); });
    throw NonFiniteError(step_text(step, micro_batches.front()) + "the gradient is not finite in " +
                         some_listed(parameters.non_finite_gradients()) + "; examples of the step: " + examples +
                         kAdvice);
  }
  begin(StepStage::kUpdate);
  optimizer_.step(learning_rate, clipping_factor(outcome.gradient_norm, max_gradient_norm_));
  parameters.clear_gradients();
}

void OptimizationStep::sum_gradients() {
  if (process_group_.world_size() == 1) return;
  trainable_.parameters().widen_gradients();
  std::vector<at::Tensor> gradients;
  for (const Parameter& parameter : trainable_.parameters().parameters()) {
    if (!parameter.trainable) continue;
    // Every rank must bring the same list, also where its share of the batch did not touch a parameter.
    if (!parameter.value.grad().defined()) parameter.value.mutable_grad() = at::zeros_like(parameter.value.detach());
    if (parameter.value.grad().is_sparse()) parameter.value.mutable_grad() = parameter.value.grad().to_dense();
    gradients.push_back(parameter.value.grad());
  }
  process_group_.sum_over_ranks(gradients);
}

void OptimizationStep::count(const std::vector<MicroBatch>& micro_batches, StepOutcome& outcome) {
  std::array<double, 2> counts{};
  for (const MicroBatch& batch : micro_batches) {
    counts[0] += static_cast<double>(batch.examples.size());
    for (const std::int64_t example : batch.examples)
      counts[1] += static_cast<double>(trainable_.num_tokens(example, batch.epoch));
  }
  process_group_.sum_over_ranks(counts);
  outcome.num_examples = static_cast<std::int64_t>(counts[0]);
  outcome.num_tokens = static_cast<std::int64_t>(counts[1]);
}

std::string OptimizationStep::describe(const MicroBatch& batch) const {
  std::vector<std::string> names;
  for (const std::int64_t example : batch.examples) names.push_back(trainable_.describe_example(example));
  return some_listed(names);
}

}  // namespace llmtool
