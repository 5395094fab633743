#include <catch2/catch.hpp>
#include <map>

#include "llmtool/config/field_types.h"
#include "llmtool/core/fields.h"

namespace llmtool {
namespace {

Environment sample() {
  return [](const std::string& name) -> std::optional<std::string> {
    static const std::map<std::string, std::string> kVariables{{"HOME", "/home/ada"}, {"DATA", "/data"}, {"EMPTY", ""}};
    const auto found = kVariables.find(name);
    return found == kVariables.end() ? std::nullopt : std::optional(found->second);
  };
}

TEST_CASE("A path expands the home folder and variables in braces") {
  CHECK(expand_path("~", sample()) == "/home/ada");
  CHECK(expand_path("~/x", sample()) == "/home/ada/x");
  CHECK(expand_path("${DATA}/a/${EMPTY}b", sample()) == "/data/a/b");
  CHECK(expand_path("a/~/b", sample()) == "a/~/b");
  CHECK(expand_path("cost$$5", sample()) == "cost$5");
  CHECK(expand_path("$${DATA}", sample()) == "${DATA}");
  CHECK(expand_path("", sample()).empty());
}

TEST_CASE("A path with an unknown variable or a lone dollar is an error") {
  for (const char* text : {"${NONE}/a", "$DATA", "a$", "${DATA", "~bob/x"})
    CHECK_THROWS_AS(expand_path(text, sample()), ValueError);
  CHECK_THROWS_AS(expand_path("~/x", {}), ValueError);
}

TEST_CASE("An escaped path expands to a path that names the same file") {
  for (const char* path : {"a", "$5", "a$$b", "${DATA}", "/home/ada/x"})
    CHECK(expand_path(escape_path(path), sample()) == path);
  CHECK(expand_path(escape_path("~x"), sample()) == "./~x");
}

}  // namespace
}  // namespace llmtool
