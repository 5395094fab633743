#include "llmtool/config/reader.h"

#include <catch2/catch.hpp>

#include "llmtool/config/config_file.h"
#include "sample_options.h"

namespace llmtool {
namespace {

using testing::SampleOptions;

LoadedOptions<SampleOptions> read(const std::string& text, const std::vector<std::string>& overrides = {}) {
  ConfigNode root = read_yaml_config(text, "run.yaml");
  apply_overrides(root, overrides);
  return read_options<SampleOptions>(root, [](const std::string& name) -> std::optional<std::string> {
    return name == "HOME" ? std::optional<std::string>("/home/ada") : std::nullopt;
  });
}

const std::string kStart = "task: a\ndata: {train: a.csv}\n";

TEST_CASE("Keys that are not written keep their defaults") {
  const auto loaded = read(kStart);
  SampleOptions expected;
  expected.task = "a";
  expected.data.train = "a.csv";
  CHECK(loaded.options == expected);
}

TEST_CASE("Every kind of field is read") {
  const SampleOptions options = read(R"(task: b
data:
  train: ~/train.csv
  validation: ~/v.csv
  text: [question, sentence]
  labels: [010, yes, "null", 1e3]
training:
  epochs: 1e1
  max_steps: 100
  optimizer: {learning_rate: 1e-4, weight_decay: 0, schedule: cosine, fused: false}
  early_stopping: {patience: 5}
  class_weights: {good: 2, "a.b": .5}
stages: [{patience: 1}, {}]
output_dir: $$x
seed: -7
)")
                                    .options;
  CHECK(options.data.train == "/home/ada/train.csv");
  CHECK(options.data.validation.file == "/home/ada/v.csv");
  CHECK(options.data.text == std::vector<std::string>{"question", "sentence"});
  CHECK(options.data.labels == std::vector<std::string>{"010", "yes", "null", "1e3"});
  CHECK(options.training.epochs == 10);
  CHECK(options.training.max_steps == 100);
  CHECK(options.training.optimizer.learning_rate == 1e-4);
  CHECK(options.training.optimizer.weight_decay == 0.0);
  CHECK(options.training.optimizer.schedule == SampleSchedule::kCosine);
  CHECK_FALSE(options.training.optimizer.fused);
  CHECK(options.training.early_stopping->patience == 5);
  CHECK(options.training.class_weights == std::map<std::string, double>{{"a.b", 0.5}, {"good", 2.0}});
  REQUIRE(options.stages.size() == 2);
  CHECK(options.stages[0].patience == 1);
  CHECK(options.stages[1].patience == 2);
  CHECK(options.output_dir == "$x");
  CHECK(options.seed == -7);
}

TEST_CASE("A small union is told from a section") {
  STATIC_REQUIRE(JsonValued<testing::FileOrShare>);
  STATIC_REQUIRE_FALSE(HasFields<testing::FileOrShare>);
  STATIC_REQUIRE_FALSE(JsonValued<testing::OptimizerOptions>);
}

TEST_CASE("A list of texts may be written as one value where the field says so") {
  CHECK(read("task: a\ndata: {train: a, text: review}\n").options.data.text == std::vector<std::string>{"review"});
}

TEST_CASE("A list in the config replaces the default list") {
  CHECK(read("task: a\ndata: {train: a, text: []}\n").options.data.text.empty());
}

TEST_CASE("Null leaves an optional value unset and an empty section at its defaults") {
  const SampleOptions options = read(kStart + "training:\n", {"training.max_steps=5", "training.max_steps="}).options;
  CHECK_FALSE(options.training.max_steps.has_value());
  CHECK_FALSE(read(kStart + "training: {early_stopping: ~}\n").options.training.early_stopping.has_value());
  CHECK(read(kStart + "training: {early_stopping: {}}\n").options.training.early_stopping->patience == 2);
}

TEST_CASE("The place of every value is kept") {
  const FieldPositions positions =
      read(kStart + "training:\n  epochs: 4\nstages: [{patience: 1}]\n", {"seed=3", "training.optimizer.fused=false"})
          .positions;
  CHECK(positions.origin("training.epochs") == "run.yaml:4:11");
  CHECK(positions.origin("seed") == "--set seed=3");
  CHECK(positions.origin("output_dir") == "default");
  CHECK(positions.origin("stages[0].patience") == "run.yaml:5:21");
  CHECK(positions.at("training.batch_size").to_string() == "run.yaml:3:1");
  CHECK(positions.at("output_dir").to_string() == "run.yaml");
  CHECK(positions.at("stages[0].other").to_string() == "run.yaml:5:10");
  CHECK(positions.at("training.optimizer.learning_rate").to_string() == "--set training.optimizer.fused=false");
  CHECK(positions.contains("data.train"));
  CHECK_FALSE(positions.contains("data.text"));
}

TEST_CASE("A long list of problems is cut with their number") {
  std::string text = kStart + "stages:\n";
  for (int i = 0; i < 60; ++i) text += "- {patience: 0}\n";
  try {
    read(text);
    FAIL("no error");
  } catch (const ConfigError& error) {
    const std::string message = error.what();
    CHECK(std::count(message.begin(), message.end(), '\n') == 50);
    CHECK_THAT(message, Catch::EndsWith("\n… and 10 more problems"));
  }
}

TEST_CASE("JSON and YAML of the same config give the same options") {
  const ConfigNode json = read_json_config(
      R"({"task": "a", "data": {"train": "a.csv", "text": "x", "validation": 0.25}, "training": {"max_steps": null}})",
      "run.json");
  const SampleOptions yaml = read("task: a\ndata: {train: a.csv, text: x, validation: 0.25}\n").options;
  CHECK(read_options<SampleOptions>(json).options == yaml);
}

}  // namespace
}  // namespace llmtool
