#include <catch2/catch.hpp>

#include "llmtool/training/optimization_step.h"

namespace llmtool {
namespace {

TrainingOptions options_for(double epochs, std::int64_t accumulation) {
  TrainingOptions options;
  options.epochs = epochs;
  options.accumulation = accumulation;
  return options;
}

TEST_CASE("Steps are counted as transformers counts them") {
  CHECK(StepPlan(4, options_for(3, 1)).total_steps() == 12);
  CHECK(StepPlan(4, options_for(3, 3)).total_steps() == 6);
  CHECK(StepPlan(4, options_for(1.5, 1)).total_steps() == 6);
  CHECK(StepPlan(1, options_for(0.1, 8)).total_steps() == 1);
  TrainingOptions options = options_for(3, 1);
  options.max_steps = 7;
  CHECK(StepPlan(4, options).total_steps() == 7);
}

TEST_CASE("No step reaches over the end of an epoch") {
  const StepPlan plan(4, options_for(2, 3));
  CHECK(plan.steps_per_epoch() == 2);
  CHECK(plan.position(0).end_micro_batch == 3);
  CHECK(plan.position(1).first_micro_batch == 3);
  CHECK(plan.position(1).end_micro_batch == 4);
  CHECK(plan.position(2).epoch == 1);
  CHECK(plan.position(2).first_micro_batch == 0);
}

TEST_CASE("Epochs are counted by micro-batches and end with their last step") {
  const StepPlan plan(4, options_for(2, 3));
  CHECK(plan.epochs_after(0) == 0.0);
  CHECK(plan.epochs_after(1) == 0.75);
  CHECK(plan.epochs_after(2) == 1.0);
  CHECK(plan.epochs_after(4) == 2.0);
  CHECK_FALSE(plan.ends_epoch(0));
  CHECK_FALSE(plan.ends_epoch(1));
  CHECK(plan.ends_epoch(2));
}

}  // namespace
}  // namespace llmtool
