#include <catch2/catch.hpp>

#include "llmtool/config/config_file.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

ConfigNode read(const std::string& text) { return read_json_config(text, "run.json"); }

TEST_CASE("JSON values know their line and column in code points") {
  const ConfigNode root =
      read("\xef\xbb\xbf{\"\xc3\xa9\\\"\": \"x\\u0041\",\n  \"list\" : [1.50, {\"a\": true}, null, []],\r\n \"z\":-3}");
  CHECK(root.position.to_string() == "run.json:1:1");
  const ConfigNode* text = root.find("\xc3\xa9\"");
  REQUIRE(text != nullptr);
  CHECK(text->key_position.to_string() == "run.json:1:2");
  CHECK(text->position.to_string() == "run.json:1:9");
  CHECK(text->text == "xA");
  CHECK(text->quoted);
  const ConfigNode* list = root.find("list");
  CHECK(list->position.to_string() == "run.json:2:12");
  REQUIRE(list->children.size() == 4);
  CHECK(list->children[0].text == "1.50");
  CHECK_FALSE(list->children[0].quoted);
  CHECK(list->children[1].find("a")->position.to_string() == "run.json:2:25");
  CHECK(list->children[2].is_null());
  CHECK(list->children[3].is_list());
  CHECK(root.find("z")->text == "-3");
  CHECK(root.find("z")->position.to_string() == "run.json:3:6");
}

}  // namespace
}  // namespace llmtool
