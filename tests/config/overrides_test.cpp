#include <catch2/catch.hpp>

#include "llmtool/config/config_file.h"

namespace llmtool {
namespace {

ConfigNode apply(const std::string& text, const std::vector<std::string>& overrides) {
  ConfigNode root = read_yaml_config(text, "run.yaml");
  apply_overrides(root, overrides);
  return root;
}

TEST_CASE("An override replaces a value and makes the sections on its way") {
  const ConfigNode root = apply("a: 1\n", {"a=2", "b.c.d=x"});
  CHECK(root.find("a")->text == "2");
  CHECK(root.find("a")->position.to_string() == "--set a=2");
  CHECK(root.find("b")->find("c")->find("d")->text == "x");
}

TEST_CASE("The last override of a key wins") { CHECK(apply("a: 1\n", {"a=2", "a=3"}).find("a")->text == "3"); }

TEST_CASE("An override value is taken as written unless it starts like YAML text or a collection") {
  const ConfigNode root = apply("x: 1\n", {"a=one: two #3 *&!", "b=[1, 'two']", "c={k: v}", "d=\"3\"", "e==", "f=a=b"});
  CHECK(root.find("a")->text == "one: two #3 *&!");
  CHECK(root.find("b")->children[1].text == "two");
  CHECK(root.find("c")->find("k")->text == "v");
  CHECK(root.find("d")->quoted);
  CHECK(root.find("e")->text == "=");
  CHECK(root.find("f")->text == "a=b");
}

TEST_CASE("An empty or null override unsets a key") {
  const ConfigNode root = apply("a: 1\nb: 2\n", {"a=", "b=null"});
  CHECK(root.find("a")->is_null());
  CHECK(root.find("b")->is_null());
}

TEST_CASE("An override reaches into lists and appends at their end") {
  const ConfigNode root = apply("l: [a, b]\nm: [{k: 1}]\n", {"l[0]=x", "l[2]=c", "m[0].k=2", "n[0]=y"});
  REQUIRE(root.find("l")->children.size() == 3);
  CHECK(root.find("l")->children[0].text == "x");
  CHECK(root.find("l")->children[2].text == "c");
  CHECK(root.find("m")->children[0].find("k")->text == "2");
  CHECK(root.find("n")->children[0].text == "y");
}

TEST_CASE("A quoted segment of an override may hold dots") {
  CHECK(apply("x: 1\n", {"w.\"a.b\"=2"}).find("w")->find("a.b")->text == "2");
}

TEST_CASE("Line breaks in an override do not reach its origin") {
  CHECK(apply("x: 1\n", {"a=b\nc"}).find("a")->position.to_string() == "--set a=b\\nc");
}

}  // namespace
}  // namespace llmtool
