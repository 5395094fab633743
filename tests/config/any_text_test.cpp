// Whatever stands in a config or an argument, reading it ends with options or with a ConfigError.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "llmtool/config/config_file.h"
#include "llmtool/config/reader.h"
#include "sample_options.h"

namespace llmtool {
namespace {

// Pieces that mean something to YAML, JSON or the sample config, so that random texts get far into the readers.
std::string any_config_text() {
  static const std::vector<std::string> kPieces{
      "task", "data", "training", "epochs", "optimizer", "text", "validation", "stages",   "class_weights",
      ": ",   ":",    "- ",       "\n",     "\n  ",      "[",    "]",          "{",        "}",
      ",",    "\"",   "'",        "&a ",    "*a",        "!t ",  "|\n",        ">",        "# c",
      "---",  "...",  "%Y",       "<<",     "? ",        "\\",   "\\u00",      "\xc3\xa9", "\xff",
      "\t",   "\r\n", "010",      "1e5",    "~",         "null", "${",         "$",        std::string(1, '\0'),
      ".",    "=",    "[0]",      "true",   "1",         "a",    "patience",   "fused",    "schedule"};
  const auto pieces = *rc::gen::container<std::vector<std::string>>(rc::gen::elementOf(kPieces));
  std::string text;
  for (const std::string& piece : pieces) text += piece;
  return text;
}

template <class Read>
void read_or_refuse(const Read& read) {
  try {
    read_options<testing::SampleOptions>(read());
  } catch (const ConfigError& error) {
    RC_ASSERT(!std::string(error.what()).empty());
  }
}

TEST_CASE("Any text is read as YAML or refused") {
  CHECK(rc::check([] {
    const std::string text = "task: a\ndata: {train: b}\n" + any_config_text();
    read_or_refuse([&] { return read_yaml_config(text, "a.yaml"); });
  }));
}

TEST_CASE("Any text is read as JSON or refused") {
  CHECK(rc::check([] {
    const std::string text = "{\"task\": \"a\"" + any_config_text();
    read_or_refuse([&] { return read_json_config(text, "a.json"); });
  }));
}

TEST_CASE("Any argument is applied or refused") {
  CHECK(rc::check([] {
    const std::string argument = any_config_text();
    read_or_refuse([&] {
      ConfigNode root = read_yaml_config("task: a\ndata: {train: b}\n", "a.yaml");
      apply_overrides(root, {argument, "training." + argument});
      return root;
    });
  }));
}

}  // namespace
}  // namespace llmtool
