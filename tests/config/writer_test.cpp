#include "llmtool/config/writer.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "llmtool/config/config_file.h"
#include "llmtool/config/field_types.h"
#include "llmtool/config/reader.h"
#include "llmtool/core/text.h"
#include "sample_options.h"

namespace llmtool {
namespace {

using testing::SampleOptions;

SampleOptions from_yaml(const std::string& text) {
  return read_options<SampleOptions>(read_yaml_config(text, "dump.yaml")).options;
}

SampleOptions from_json_text(const std::string& text) {
  return read_options<SampleOptions>(read_json_config(text, "dump.json")).options;
}

// Text of code points that YAML, JSON or a path could trip over, and of any others.
std::string any_text() {
  const auto code_points = *rc::gen::container<std::vector<char32_t>>(rc::gen::oneOf(
      rc::gen::elementOf(std::u32string(U" \t\n\r\"'\\:#-?[]{},&*!|>%@`$~=.0123456789eE+_abnoxyNTF\u0085\u2028\ufeff")),
      rc::gen::inRange<char32_t>(1, 0xd800), rc::gen::inRange<char32_t>(0xe000, 0x110000)));
  std::string text;
  for (const char32_t code_point : code_points) append_utf8(code_point, text);
  return text;
}

double any_number() {
  const auto number = *rc::gen::suchThat(rc::gen::arbitrary<double>(), [](double x) { return std::isfinite(x); });
  return std::abs(number);
}

// A path that starts with ~ can be written only as ./~, which is another text for the same file.
std::string any_path() {
  const std::string path = any_text();
  return path.starts_with('~') ? "./" + path : path;
}

SampleOptions any_options() {
  SampleOptions options;
  options.task = any_text();
  options.data.train = any_path();
  options.data.text = {any_text(), any_text()};
  options.data.labels = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
      "", "a", "null", "~", "yes", "1", "1.0", "1e5", "010", "0x1", ".inf", "- a", "a: b", "a #b", " a", "[a]", "\"a\"",
      "<<", "true", "---", "\xc3\xa9", "a,b", "%", "@a", "!t", "*x"));
  options.training.optimizer.learning_rate =
      *rc::gen::map(rc::gen::arbitrary<std::uint32_t>(), [](std::uint32_t bits) { return bits / 4294967296.0; });
  options.training.class_weights[any_text()] = std::min(any_number(), 1e6);
  options.training.epochs = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62);
  if (*rc::gen::arbitrary<bool>()) options.training.early_stopping.emplace().patience = *rc::gen::inRange(1, 100);
  options.stages.resize(*rc::gen::inRange<std::size_t>(0, 4));
  options.output_dir = any_path();
  options.seed = *rc::gen::arbitrary<std::int64_t>();
  return options;
}

TEST_CASE("Options written as YAML or JSON read back equal") {
  CHECK(rc::check([] {
    const SampleOptions options = any_options();
    RC_ASSERT(from_yaml(to_yaml(options)) == options);
    RC_ASSERT(from_json_text(to_json_text(to_json(options), 2)) == options);
  }));
}

TEST_CASE("Any JSON number written as YAML reads back as the same number of the same kind") {
  CHECK(rc::check([] {
    const double number = any_number();
    const ConfigNode root = read_yaml_config(json_to_yaml({{"a", number}, {"b", -number}}), "a.yaml");
    const Json json = node_to_json(root);
    RC_ASSERT(json["a"].is_number_float());
    RC_ASSERT(json["a"].get<double>() == number);
    RC_ASSERT(json["b"].get<double>() == -number);
  }));
}

TEST_CASE("The dump of a config tells where each value came from") {
  ConfigNode root =
      read_yaml_config("task: a\ndata:\n  train: a.csv\n  text: [x, y]\nstages: [{patience: 3}]\n", "run.yaml");
  apply_overrides(root, {"training.epochs=5"});
  auto loaded = read_options<SampleOptions>(root);
  loaded.options.training.batch_size = 8;
  loaded.positions.set("training.batch_size", {"resolved from the model"});
  CHECK(to_yaml(loaded.options, loaded.positions) == R"(task: a  # run.yaml:1:7
data:
  train: a.csv  # run.yaml:3:10
  validation: 0.1  # default
  text: [x, "y"]  # run.yaml:4:9
  labels: []  # default
training:
  epochs: 5  # --set training.epochs=5
  max_steps: null  # default
  batch_size: 8  # resolved from the model
  optimizer:
    learning_rate: 5e-5  # default
    weight_decay: 0.01  # default
    schedule: linear  # default
    fused: true  # default
  early_stopping: null  # default
  class_weights: {}  # default
stages:
  - patience: 3  # run.yaml:5:21
output_dir: runs/sample  # default
seed: 42  # default
)");
}

TEST_CASE("A style chooses the fields and puts help above them") {
  const YamlStyle style{.comment_above = [](const std::string& path) { return path == "b" ? "Why b." : ""; },
                        .includes = [](const std::string& path) { return path != "a"; }};
  CHECK(json_to_yaml({{"a", 1}, {"b", {{"a", 2.0}}}}, style) == "# Why b.\nb:\n  a: 2.0\n");
}

TEST_CASE("Lists of lists and of sections are written as blocks") {
  const Json json = {{"l", {{1, 2}, Json::array(), {{"a", {{"b", 1}}}, {"c", 2}}}}};
  const std::string yaml = json_to_yaml(json);
  CHECK(yaml == "l:\n  - [1, 2]\n  - []\n  - a:\n      b: 1\n    c: 2\n");
  CHECK(node_to_json(read_yaml_config(yaml, "a.yaml")) == json);
}

}  // namespace
}  // namespace llmtool
