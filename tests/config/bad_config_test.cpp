// Every message a wrong config can cause, in full: read them as the user who gets them.
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "llmtool/config/config_file.h"
#include "llmtool/config/reader.h"
#include "sample_options.h"

namespace llmtool {
namespace {

using testing::SampleOptions;

struct BadConfig {
  const char* name;
  std::string text;
  std::string message;
  std::vector<std::string> overrides = {};
};

// The required keys, so that a case shows only its own error. They fill lines 1 and 2.
const std::string kStart = "task: classification\ndata: {train: a.csv}\n";

Environment sample_environment() {
  return [](const std::string& name) -> std::optional<std::string> {
    if (name == "HOME") return "/home/ada";
    return std::nullopt;
  };
}

std::string message_of(const ConfigNode& root) {
  read_options<SampleOptions>(root, sample_environment());
  return "";
}

std::string yaml_message(const BadConfig& bad) {
  try {
    ConfigNode root = read_yaml_config(bad.text, "run.yaml");
    apply_overrides(root, bad.overrides);
    return message_of(root);
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::kConfig);
    return error.what();
  }
}

std::string json_message(const BadConfig& bad) {
  try {
    return message_of(read_json_config(bad.text, "run.json"));
  } catch (const Error& error) {
    CHECK(error.exit_code() == ExitCode::kConfig);
    return error.what();
  }
}

std::string nested_lists(int depth) {
  return std::string(static_cast<std::size_t>(depth), '[') + std::string(static_cast<std::size_t>(depth), ']');
}

// Each line has ten times the values of the line before.
std::string alias_bomb() {
  std::string text = "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n";
  for (int i = 1; i < 9; ++i) {
    const std::string name = "a" + std::to_string(i);
    const std::string alias = "*a" + std::to_string(i - 1);
    text += name + ": &" + name + " [" + alias;
    for (int j = 0; j < 9; ++j) text += ", " + alias;
    text += "]\n";
  }
  return text;
}

std::string many_unknown_keys() {
  std::string text = kStart;
  for (int i = 0; i < 30; ++i) text += "qqqqqqqqqqqqqqqq" + std::to_string(i) + ": 1\n";
  return text;
}

// The first twenty are enough to see that it is another kind of file.
std::string many_unknown_messages() {
  std::string text;
  for (int i = 0; i < 20; ++i)
    text += (i == 0 ? "" : "\n") + std::string("run.yaml:") + std::to_string(3 + i) +
            ":1: unknown key 'qqqqqqqqqqqqqqqq" + std::to_string(i) +
            "'; known here: task, data, training, stages, output_dir, seed";
  return text;
}

const std::vector<BadConfig>& bad_yaml() {
  static const std::vector<BadConfig> kCases{
#include "bad_yaml_cases.inc"
  };
  return kCases;
}

const std::vector<BadConfig>& bad_json() {
  static const std::vector<BadConfig> kCases{
#include "bad_json_cases.inc"
  };
  return kCases;
}

TEST_CASE("A wrong YAML config is refused with a message that tells place and remedy") {
  for (const BadConfig& bad : bad_yaml()) {
    INFO(bad.name);
    CHECK(yaml_message(bad) == bad.message);
  }
}

TEST_CASE("A wrong JSON config is refused with a message that tells place and remedy") {
  for (const BadConfig& bad : bad_json()) {
    INFO(bad.name);
    CHECK(json_message(bad) == bad.message);
  }
}

}  // namespace
}  // namespace llmtool
