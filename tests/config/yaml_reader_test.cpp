#include <catch2/catch.hpp>

#include "llmtool/config/config_file.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

ConfigNode read(const std::string& text) { return read_yaml_config(text, "run.yaml"); }

std::string position_of(const ConfigNode* node) { return node->position.to_string(); }

TEST_CASE("YAML scalars keep their text and whether they were quoted") {
  const ConfigNode root = read("a: 1e-4\nb: \"1\"\nc: 'it''s'\nd: two words\ne: ~\nf:\ng: \"tab\\t\\u00e9\"\n");
  CHECK(root.find("a")->text == "1e-4");
  CHECK_FALSE(root.find("a")->quoted);
  CHECK(root.find("b")->text == "1");
  CHECK(root.find("b")->quoted);
  CHECK(root.find("c")->text == "it's");
  CHECK(root.find("d")->text == "two words");
  CHECK(root.find("e")->is_null());
  CHECK(root.find("f")->is_null());
  CHECK(root.find("g")->text == "tab\t\xc3\xa9");
  CHECK(root.find("missing") == nullptr);
}

TEST_CASE("YAML columns count code points and lines survive CRLF and a byte order mark") {
  const ConfigNode root = read("\xef\xbb\xbf{\xc3\xa9\xc3\xa9: 1, b: [2,\r\n  3]}\r\n");
  CHECK(position_of(&root) == "run.yaml:1:1");
  CHECK(root.find("b")->key_position.to_string() == "run.yaml:1:9");
  CHECK(position_of(root.find("b")) == "run.yaml:1:12");
  CHECK(position_of(&root.find("b")->children[1]) == "run.yaml:2:3");
  CHECK(root.find("b")->children[1].text == "3");
}

TEST_CASE("YAML block lists nest maps") {
  const ConfigNode root = read("items:\n- name: a\n  size: 1\n- name: b\n");
  const ConfigNode* items = root.find("items");
  REQUIRE(items->is_list());
  REQUIRE(items->children.size() == 2);
  CHECK(items->children[0].find("size")->text == "1");
  CHECK(position_of(items->children[1].find("name")) == "run.yaml:4:9");
}

TEST_CASE("YAML block texts keep their lines and quoted texts may span lines") {
  const ConfigNode root = read("kept: |\n  one\n  two: 2\nfolded: >-\n  one\n  two\nquoted: \"one\n  two\"\n");
  CHECK(root.find("kept")->text == "one\ntwo: 2\n");
  CHECK(root.find("kept")->quoted);
  CHECK(root.find("folded")->text == "one two");
  CHECK(root.find("quoted")->text == "one two");
}

TEST_CASE("A YAML alias stands for its anchored value with the positions of the original") {
  const ConfigNode root = read("a: &shared {epochs: 3}\nb: *shared\nc: &text \"x\"\nd: *text\n");
  REQUIRE(root.find("b")->is_map());
  CHECK(root.find("b")->find("epochs")->text == "3");
  CHECK(position_of(root.find("b")->find("epochs")) == "run.yaml:1:21");
  CHECK(root.find("b")->key_position.to_string() == "run.yaml:2:1");
  CHECK(root.find("d")->text == "x");
}

TEST_CASE("A YAML document may start with a directive and a separator and end with dots") {
  const ConfigNode root = read("%YAML 1.2\n---\n# comment\nseed: 1 # one\n...\n");
  CHECK(root.find("seed")->text == "1");
}

TEST_CASE("YAML keys may be quoted and may look like numbers or booleans") {
  const ConfigNode root = read("\"a b\": 1\n'it''s' : 2\n1: 3\nno: 4\n\"<<\": 5\n");
  CHECK(root.find("a b")->text == "1");
  CHECK(root.find("it's")->text == "2");
  CHECK(root.find("1")->text == "3");
  CHECK(root.find("no")->text == "4");
  CHECK(root.find("<<")->text == "5");
}

TEST_CASE("A YAML flow map may be written as JSON without spaces after the colons") {
  const ConfigNode root = read("{\"a\":1,\"b\":{\"c\":[true,null]}}");
  CHECK(root.find("a")->text == "1");
  CHECK(root.find("b")->find("c")->children[1].is_null());
}

TEST_CASE("A hundred levels of YAML are read and one more is refused") {
  const auto nested = [](std::size_t depth) { return "a: " + std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(read(nested(99)).find("a")->is_list());
  CHECK_THROWS_AS(read(nested(100)), ConfigError);
}

TEST_CASE("Aliases cannot nest deeper than values may") {
  std::string text = "a0: &a0 [1]\n";
  for (int i = 1; i < 200; ++i)
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [*a" + std::to_string(i - 1) + "]\n";
  CHECK_THROWS_WITH(read(text), Catch::Contains("nested more than 100 levels deep"));
}

TEST_CASE("A long line of YAML or JSON is read in time proportional to its length") {
  std::string text = "{\"labels\": [\"\xc3\xa9\"";
  for (int i = 0; i < 50000; ++i) text += ",\"label number " + std::to_string(i) + "\"";
  text += "]}";
  // Counting columns from the start of the line each time would take minutes.
  CHECK(position_of(&read(text).find("labels")->children.back()) == "run.yaml:1:1038886");
  CHECK(position_of(&read_json_config(text, "run.json").find("labels")->children.back()) == "run.json:1:1038886");
}

TEST_CASE("A YAML value of an argument carries the origin it was given") {
  const SourcePosition origin{"--set a=[1, {b: 2}]"};
  const ConfigNode node = read_yaml_value("[1, {b: 2}]", origin);
  REQUIRE(node.is_list());
  CHECK(node.children[0].position.to_string() == origin.file);
  CHECK(node.children[1].find("b")->key_position.to_string() == origin.file);
}

}  // namespace
}  // namespace llmtool
