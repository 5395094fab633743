#include <ATen/ATen.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <fstream>

#include "../support/temporary_directory.h"
#include "../support/weights_hash.h"
#include "llmtool/core/errors.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/trainer.h"
#include "small_trainable.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::CollectedEvents;
using testing::SmallTrainable;
using testing::TemporaryDirectory;
using testing::train_alone;

// 10 examples in micro-batches of 2, three to a step: two steps an epoch, the second with two micro-batches.
constexpr std::int64_t kNumExamples = 10;

using Change = std::function<void(TrainingOptions&)>;

TrainerOptions resumable_options(
    const TemporaryDirectory& directory, const Change& change = [](TrainingOptions&) {}) {
  TrainerOptions options;
  options.output_dir = directory.path();
  options.training.epochs = 4;
  options.training.batch_size = 2;
  options.training.accumulation = 3;
  options.training.optimizer.learning_rate = 0.02;
  options.training.schedule.warmup.amount = 0.25;
  change(options.training);
  options.evaluation.every = EvaluationInterval::from_json(3);
  options.evaluation.early_stopping = EarlyStoppingOptions{2, 0.0};
  options.checkpoint.keep = 2;
  options.goal = MetricGoal{"error", Direction::kLowerIsBetter};
  return options;
}

Change use_optimizer(OptimizerKind kind) {
  return [kind](TrainingOptions& training) {
    training.optimizer.name = kind;
    if (kind == OptimizerKind::kSgd) training.optimizer.momentum = 0.9;
  };
}

// Of 1 to 4 tokens an example.
void use_tokens_per_batch(TrainingOptions& training) { training.tokens_per_batch = 5; }

// Asks for a stop at the `ask`-th question, counted from 1.
std::function<bool()> stop_at(std::int64_t ask) {
  return [ask, asked = std::int64_t{0}]() mutable { return ++asked == ask; };
}

TrainingResult run(SmallTrainable& trainable, const TrainerOptions& options, EventSink& events = silent_events()) {
  return train_alone(trainable, testing::shuffled(kNumExamples), options, events);
}

struct Outcome {
  std::string hash;
  Json state;
};

Outcome outcome_of(SmallTrainable& trainable, const TemporaryDirectory& directory) {
  Json state = read_json_file((directory / "trainer_state.json").string(), ExitCode::kInternal);
  state.erase("seconds");
  return {testing::weights_hash(trainable.parameters()), state};
}

Outcome straight_outcome(const Change& change) {
  const TemporaryDirectory directory;
  SmallTrainable trainable(kNumExamples);
  run(trainable, resumable_options(directory, change));
  return outcome_of(trainable, directory);
}

// Stops wherever the trainer asks for the `ask`-th time, then continues in a fresh process' state. Returns whether the
// run was stopped at all.
bool stop_and_continue(const Change& change, std::int64_t ask, Outcome& outcome) {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory, change);
  options.stop_requested = stop_at(ask);
  bool stopped = false;
  try {
    SmallTrainable first(kNumExamples);
    run(first, options);
  } catch (const StoppedError&) {
    stopped = true;
  }
  options.stop_requested = [] { return false; };
  SmallTrainable second(kNumExamples, 777);  // other initial weights: all must come from the checkpoint
  at::manual_seed(12345);
  run(second, options);
  outcome = outcome_of(second, directory);
  return stopped;
}

TEST_CASE("A run stopped anywhere and continued is bit-identical to one that was not") {
  const Change change = GENERATE(Change(use_optimizer(OptimizerKind::kAdamW)), Change(use_tokens_per_batch));
  const Outcome straight = straight_outcome(change);
  bool stopped = true;
  std::int64_t ask = 1;
  for (; stopped; ++ask) {
    INFO("stopped at question " << ask);
    Outcome outcome;
    stopped = stop_and_continue(change, ask, outcome);
    REQUIRE(outcome.hash == straight.hash);
    REQUIRE(outcome.state == straight.state);
  }
  CHECK(ask > 20);  // between micro-batches, after steps and within evaluations
}

TEST_CASE("Every optimizer continues bit-identically") {
  for (const auto& [optimizer, name] : EnumNames<OptimizerKind>::kNames) {
    INFO(name);
    Outcome outcome;
    CHECK(stop_and_continue(use_optimizer(optimizer), 13, outcome));
    CHECK(outcome.hash == straight_outcome(use_optimizer(optimizer)).hash);
  }
}

TEST_CASE("A run stopped again and again is bit-identical to one that was not") {
  const Outcome straight = straight_outcome(use_optimizer(OptimizerKind::kAdamW));
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  for (int process = 0; process < 100; ++process) {
    SmallTrainable trainable(kNumExamples, static_cast<std::uint64_t>(process + 1));
    options.stop_requested = stop_at(4);
    try {
      run(trainable, options);
    } catch (const StoppedError&) {
      continue;
    }
    CHECK(process > 3);
    const Outcome outcome = outcome_of(trainable, directory);
    CHECK(outcome.hash == straight.hash);
    CHECK(outcome.state == straight.state);
    return;
  }
  FAIL("never finished");
}

TEST_CASE("A stop is reported with the checkpoint and the exit code for requeueing") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.stop_requested = stop_at(6);
  SmallTrainable trainable(kNumExamples);
  try {
    run(trainable, options);
    FAIL("did not stop");
  } catch (const StoppedError& error) {
    CHECK(error.exit_code() == ExitCode::kStopped);
    const auto steps = checkpoint_steps(directory.path());
    REQUIRE_FALSE(steps.empty());
    CHECK_THAT(error.what(), Catch::Contains((directory.path() / checkpoint_name(steps.back())).string()));
    CHECK_FALSE(find_damage(directory / checkpoint_name(steps.back())));
  }
}

TEST_CASE("A time limit stops after the step and the run continues later") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.training.time_limit = Duration{0};
  SmallTrainable first(kNumExamples);
  CHECK_THROWS_AS(run(first, options), StoppedError);
  options.training.time_limit.reset();
  SmallTrainable second(kNumExamples, 5);
  run(second, options);
  CHECK(testing::weights_hash(second.parameters()) == straight_outcome(use_optimizer(OptimizerKind::kAdamW)).hash);
}

TEST_CASE("A finished run gives its result again without training") {
  const TemporaryDirectory directory;
  SmallTrainable first(kNumExamples);
  const TrainingResult result = run(first, resumable_options(directory));
  SmallTrainable second(kNumExamples, 5);
  const TrainingResult again = run(second, resumable_options(directory));
  CHECK(second.num_losses == 0);
  CHECK(second.num_evaluations == 0);
  CHECK(again.num_steps == result.num_steps);
  CHECK(again.best_step == result.best_step);
  CHECK(again.train_loss == result.train_loss);
}

TEST_CASE("A checkpoint of a run with other settings is refused with the difference") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  SmallTrainable trainable(kNumExamples);
  run(trainable, options);
  options.training.batch_size = 5;
  CHECK_THROWS_AS(run(trainable, options), ConfigError);
  options.training.batch_size = 2;
  options.training.tokens_per_batch = 5;
  CHECK_THROWS_AS(run(trainable, options), ConfigError);
}

void damage(const fs::path& file) {
  std::fstream stream(file, std::ios::in | std::ios::out | std::ios::binary);
  stream.seekp(-1, std::ios::end);
  stream.put('\x7f');
}

TEST_CASE("A damaged checkpoint is reported and the one before it continued") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.checkpoint.every = CheckpointInterval::from_json(1);
  options.stop_requested = stop_at(14);
  SmallTrainable first(kNumExamples);
  CHECK_THROWS_AS(run(first, options), StoppedError);
  options.stop_requested = [] { return false; };
  const auto steps = checkpoint_steps(directory.path());
  REQUIRE(steps.size() >= 2);
  damage(directory / (checkpoint_name(steps.back()) + "/optimizer.safetensors"));
  CollectedEvents events;
  SmallTrainable second(kNumExamples, 5);
  run(second, options, events);
  REQUIRE_FALSE(events.warnings.empty());
  CHECK_THAT(events.warnings[0],
             Catch::Contains(checkpoint_name(steps.back())) && Catch::Contains("optimizer.safetensors"));
  CHECK(testing::weights_hash(second.parameters()) == straight_outcome(use_optimizer(OptimizerKind::kAdamW)).hash);
}

TEST_CASE("A checkpoint whose manifest was emptied is not continued") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(kNumExamples);
  run(trainable, resumable_options(directory));
  for (const std::int64_t step : checkpoint_steps(directory.path()))
    directory.write(checkpoint_name(step) + "/MANIFEST.json", R"({"format": 1, "files": {}})");
  CHECK_THROWS_WITH(run(trainable, resumable_options(directory)), Catch::Contains("MANIFEST.json lists no files"));
}

TEST_CASE("Folders of others that are named like checkpoints stay as they are") {
  const TemporaryDirectory directory;
  const std::vector<std::string> foreign = {"checkpoint-1/optimizer.pt", "checkpoint-anything/notes.txt",
                                            "checkpoint-999999/thesis.tex", "checkpoint-2.damaged/mine.txt"};
  for (const std::string& name : foreign) directory.write(name, "x");
  SmallTrainable trainable(kNumExamples);
  run(trainable, resumable_options(directory));
  remove_all_checkpoints(directory.path());
  CHECK(checkpoint_steps(directory.path()).empty());
  for (const std::string& name : foreign) CHECK(testing::read_file(directory / name) == "x");
}

TEST_CASE("A checkpoint does not take the place of a folder that is no checkpoint") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.checkpoint.every = CheckpointInterval::from_json(1);
  directory.write("checkpoint-3/thesis.tex", "x");
  SmallTrainable first(kNumExamples);
  CHECK_THROWS_WITH(run(first, options), Catch::Contains("checkpoint-3 was not written by llmtool"));
  CHECK(testing::read_file(directory / "checkpoint-3/thesis.tex") == "x");
  fs::remove_all(directory / "checkpoint-3");
  SmallTrainable second(kNumExamples, 5);
  run(second, options);
  CHECK(testing::weights_hash(second.parameters()) == straight_outcome(use_optimizer(OptimizerKind::kAdamW)).hash);
}

TEST_CASE("An old checkpoint that cannot be removed is a warning") {
  if (geteuid() == 0) return;  // root may remove everything
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  SmallTrainable trainable(kNumExamples);
  run(trainable, options);
  const std::int64_t step = checkpoint_steps(directory.path()).back();
  fs::permissions(directory.path(), fs::perms::owner_read | fs::perms::owner_exec);
  CollectedEvents events;
  remove_old_checkpoints(directory.path(), 0, 0, events);
  fs::permissions(directory.path(), fs::perms::owner_all);
  REQUIRE(events.warnings.size() == 1);
  CHECK_THAT(events.warnings[0], Catch::Contains("an old checkpoint stays: cannot rename"));
  CHECK(checkpoint_steps(directory.path()).back() == step);
}

TEST_CASE("When every checkpoint is damaged nothing is silently started anew") {
  const TemporaryDirectory directory;
  SmallTrainable trainable(kNumExamples);
  run(trainable, resumable_options(directory));
  for (const std::int64_t step : checkpoint_steps(directory.path()))
    fs::remove(directory / (checkpoint_name(step) + "/model.safetensors"));
  CHECK_THROWS_WITH(run(trainable, resumable_options(directory)), Catch::Contains("model.safetensors is missing"));
}

TEST_CASE("A disk that is full while saving leaves the earlier checkpoints whole and the run can continue") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.checkpoint.every = CheckpointInterval::from_json(1);
  SmallTrainable first(kNumExamples);
  int saves = 0;
  first.before_saving = [&saves] {
    if (++saves == 4) throw ResourceError("cannot write model.safetensors: No space left on device");
  };
  CHECK_THROWS_AS(run(first, options), ResourceError);
  const auto steps = checkpoint_steps(directory.path());
  CHECK(steps.back() == 3);
  for (const auto& entry : fs::directory_iterator(directory.path()))
    CHECK(entry.path().filename().string().find(".tmp-") == std::string::npos);
  SmallTrainable second(kNumExamples, 5);
  run(second, options);
  CHECK(testing::weights_hash(second.parameters()) == straight_outcome(use_optimizer(OptimizerKind::kAdamW)).hash);
}

TEST_CASE("The newest checkpoints and the best are kept") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.checkpoint.every = CheckpointInterval::from_json(1);
  options.evaluation.every = EvaluationInterval::from_json(1);
  options.evaluation.early_stopping.reset();
  SmallTrainable trainable(kNumExamples);
  trainable.scripted_evaluation = [](std::int64_t n) { return testing::report_of("error", n == 3 ? 0.1 : 0.2); };
  const TrainingResult result = run(trainable, options);
  CHECK(result.best_step == 3);
  CHECK(checkpoint_steps(directory.path()) == std::vector<std::int64_t>{3, 7, 8});
}

TEST_CASE("A best checkpoint that got lost is reported and chosen anew") {
  const TemporaryDirectory directory;
  TrainerOptions options = resumable_options(directory);
  options.evaluation.every = EvaluationInterval::from_json(1);
  options.evaluation.early_stopping.reset();
  options.stop_requested = stop_at(15);
  const auto scripted = [](std::int64_t n) { return testing::report_of("error", n == 1 ? 0.1 : 0.2); };
  SmallTrainable first(kNumExamples);
  first.scripted_evaluation = scripted;
  CHECK_THROWS_AS(run(first, options), StoppedError);
  fs::remove_all(directory / checkpoint_name(1));
  options.stop_requested = [] { return false; };
  SmallTrainable second(kNumExamples);
  second.scripted_evaluation = [](std::int64_t) { return testing::report_of("error", 0.2); };
  CollectedEvents events;
  const TrainingResult result = run(second, options, events);
  REQUIRE_FALSE(events.warnings.empty());
  CHECK_THAT(events.warnings[0], Catch::Contains("checkpoint-1"));
  CHECK(result.best_step > 1);
  CHECK(fs::exists(result.best_checkpoint / "model.safetensors"));
}

}  // namespace
}  // namespace llmtool
