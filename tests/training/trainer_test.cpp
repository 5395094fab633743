#include "llmtool/training/trainer.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <catch2/catch.hpp>
#include <limits>

#include "../support/temporary_directory.h"
#include "../support/weights_hash.h"
#include "llmtool/core/errors.h"
#include "small_trainable.h"

namespace llmtool {
namespace {

using testing::CollectedEvents;
using testing::SmallTrainable;
using testing::TemporaryDirectory;
using testing::train_alone;

TrainerOptions options_for(const TemporaryDirectory& directory) {
  TrainerOptions options;
  options.output_dir = directory.path();
  options.training.epochs = 3;
  options.training.batch_size = 4;
  options.training.optimizer.learning_rate = 0.02;
  options.goal = MetricGoal{"error", Direction::kLowerIsBetter};
  return options;
}

double distance(SmallTrainable& a, SmallTrainable& b) {
  double largest = 0.0;
  for (const Parameter& parameter : a.parameters().parameters())
    largest =
        std::max(largest, (parameter.value - b.parameters().find(parameter.name)->value).abs().max().item<double>());
  return largest;
}

TEST_CASE("Training lowers the loss and leaves the best model in a committed checkpoint") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(64, 1, 0.0);
  TrainerOptions options = options_for(directory);
  options.training.epochs = 20;
  const TrainingResult result = train_alone(trainable, testing::shuffled(64), options);
  CHECK(result.num_steps == 320);
  CHECK(result.epoch == 20.0);
  CHECK(result.best_metric.value() < 0.5);
  CHECK(result.best_evaluation.at("error") == *result.best_metric);
  CHECK(std::filesystem::exists(result.best_checkpoint / "config.json"));
  const Json state = read_json_file((directory / "trainer_state.json").string(), ExitCode::kInternal);
  CHECK(directory / state.at("best_model_checkpoint").get<std::string>() == result.best_checkpoint);
  const Json json = result.to_json();
  for (const char* name : {"train_loss", "train_runtime", "train_samples_per_second", "train_steps_per_second", "epoch",
                           "train_tokens_per_second", "peak_memory_bytes"})
    CHECK(json.at(name).get<double>() > 0.0);
}

TEST_CASE("Accumulated micro-batches make the same steps as one large batch") {
  const TemporaryDirectory first;
  const TemporaryDirectory second;
  SmallTrainable large(24, 1, 0.0);
  SmallTrainable small(24, 1, 0.0);
  TrainerOptions options = options_for(first);
  options.training.optimizer.name = OptimizerKind::kSgd;  // does not magnify rounding errors
  options.training.batch_size = 8;
  train_alone(large, testing::shuffled(24), options);
  options.output_dir = second.path();
  options.training.batch_size = 2;
  options.training.accumulation = 4;
  train_alone(small, testing::shuffled(24), options);
  CHECK(distance(large, small) <= 1e-6);
}

TEST_CASE("Batches by tokens hold all examples of an epoch in fewer or more steps") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(24, 1, 0.0);  // of 1 to 4 tokens, 60 in all
  TrainerOptions options = options_for(directory);
  options.training.tokens_per_batch = 30;
  const TrainingResult result = train_alone(trainable, testing::shuffled(24), options);
  CHECK(result.num_steps == 6);
  CHECK(trainable.num_losses == 6);
  CHECK(result.epoch == 3.0);
  CHECK(result.train_tokens_per_second / result.train_samples_per_second == Approx(60.0 / 24.0));
}

TEST_CASE("The same run gives the same bits and another seed gives others") {
  std::vector<std::string> hashes;
  for (const std::uint64_t seed : {42, 42, 43}) {
    const TemporaryDirectory directory;
    SmallTrainable trainable(20);
    TrainerOptions options = options_for(directory);
    options.seed = seed;
    train_alone(trainable, testing::shuffled(20), options);
    hashes.push_back(testing::weights_hash(trainable.parameters()));
  }
  CHECK(hashes[0] == hashes[1]);
  CHECK(hashes[0] != hashes[2]);
}

TEST_CASE("Evaluating does not change the training") {
  std::vector<std::string> hashes;
  for (const char* every : {"epoch", "never"}) {
    const TemporaryDirectory directory;
    SmallTrainable trainable(20);
    TrainerOptions options = options_for(directory);
    options.evaluation.every = EvaluationInterval::from_json(every);
    train_alone(trainable, testing::shuffled(20), options);
    hashes.push_back(testing::weights_hash(trainable.parameters()));
  }
  CHECK(hashes[0] == hashes[1]);
}

TEST_CASE("Clipping bounds the length of a step") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(8, 1, 0.0);
  SmallTrainable untouched(8, 1, 0.0);
  TrainerOptions options = options_for(directory);
  options.training.optimizer.name = OptimizerKind::kSgd;
  options.training.optimizer.learning_rate = 1.0;
  options.training.schedule.name = ScheduleKind::kConstant;
  options.training.max_steps = 1;
  options.training.max_gradient_norm = 1e-3;
  train_alone(trainable, testing::in_order(8), options);
  double squares = 0.0;
  for (const Parameter& parameter : trainable.parameters().parameters())
    squares += (parameter.value - untouched.parameters().find(parameter.name)->value).square().sum().item<double>();
  CHECK(std::sqrt(squares) == Approx(1e-3).epsilon(1e-2));
}

TEST_CASE("Evaluations come at every interval and after the last step") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20);
  TrainerOptions options = options_for(directory);
  options.training.max_steps = 11;
  options.evaluation.every = EvaluationInterval::from_json(4);
  train_alone(trainable, testing::in_order(20), options);
  CHECK(trainable.num_evaluations == 3);  // after 4, 8 and 11
}

TEST_CASE("Early stopping ends training when the metric no longer improves") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20);
  const std::vector<double> values{0.5, 0.7, 0.705, 0.6, 0.9};
  trainable.scripted_evaluation = [&values](std::int64_t n) {
    return testing::report_of("accuracy", values.at(static_cast<std::size_t>(n - 1)));
  };
  TrainerOptions options = options_for(directory);
  options.goal = MetricGoal{"accuracy", Direction::kHigherIsBetter};
  options.training.epochs = 10;
  options.evaluation.early_stopping = EarlyStoppingOptions{2, 0.01};
  const TrainingResult result = train_alone(trainable, testing::in_order(20), options);
  CHECK(result.stop_reason == StopReason::kEarlyStopping);
  CHECK(result.num_steps == 20);  // five steps an epoch, four evaluations
  CHECK(result.best_step == 15);  // better by less than min_delta is still the best model
  CHECK(result.best_metric == 0.705);
}

TEST_CASE("An undefined metric is never the best and is reported with its reason") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20);
  trainable.scripted_evaluation = [](std::int64_t n) {
    return testing::report_of("error", n == 2 ? std::optional<double>(0.5) : std::nullopt);
  };
  CollectedEvents events;
  const TrainingResult result = train_alone(trainable, testing::in_order(20), options_for(directory), events);
  CHECK(result.best_step == 10);
  REQUIRE(events.warnings.size() == 2);
  CHECK_THAT(events.warnings[0], Catch::Contains("error is undefined: one class only"));
}

TEST_CASE("A metric the evaluation does not yield is an error naming it") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20);
  TrainerOptions options = options_for(directory);
  options.goal->name = "beauty";
  CHECK_THROWS_WITH(train_alone(trainable, testing::in_order(20), options), Catch::Contains("'beauty'"));
}

TEST_CASE("Without validation nothing is evaluated and the last checkpoint is the best") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20);
  TrainerOptions options = options_for(directory);
  options.goal.reset();
  const TrainingResult result = train_alone(trainable, testing::in_order(20), options);
  CHECK(trainable.num_evaluations == 0);
  CHECK(result.best_step == 15);
  CHECK_FALSE(result.best_metric);
  CHECK(std::filesystem::exists(result.best_checkpoint / "model.safetensors"));
}

TEST_CASE("A loss that is not finite names the step and its examples") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20, 1, 0.0);
  trainable.targets_[9] = std::numeric_limits<float>::quiet_NaN();
  try {
    train_alone(trainable, testing::in_order(20), options_for(directory));
    FAIL("trained on NaN");
  } catch (const NonFiniteError& error) {
    CHECK(error.exit_code() == ExitCode::kNonFinite);
    CHECK_THAT(error.what(), Catch::Contains("training step 3 (epoch 1)") && Catch::Contains("'error' is nan") &&
                                 Catch::Contains("small.csv:10, small.csv:11, small.csv:12, small.csv:13"));
  }
}

TEST_CASE("A gradient that is not finite names its parameters and leaves the weights alone") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(20, 1, 0.0);
  trainable.square_root_loss = true;
  const std::string before = testing::weights_hash(trainable.parameters());
  CHECK_THROWS_WITH(
      train_alone(trainable, testing::in_order(20), options_for(directory)),
      Catch::Contains("training step 1") && Catch::Contains("hidden.weight") && Catch::Contains("small.csv:2"));
  CHECK(testing::weights_hash(trainable.parameters()) == before);
}

TEST_CASE("No training examples is an error about the data") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(4);
  CHECK_THROWS_AS(train_alone(trainable, testing::in_order(0), options_for(directory)), DataError);
}

}  // namespace
}  // namespace llmtool
