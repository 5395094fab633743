#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

const std::vector<std::string> kNames{"one", "", "three"};

TEST_CASE("Items are listed with commas between them") {
  CHECK(listed(kNames) == "one, , three");
  CHECK(listed(std::vector<std::string>{}).empty());
  CHECK(listed(kNames, quote) == quote("one") + ", " + quote("") + ", " + quote("three"));
}

TEST_CASE("A function or a member makes the text of an item") {
  CHECK(listed(std::vector{1, 20}, [](int number) { return std::to_string(number); }) == "1, 20");
  CHECK(listed(std::vector{std::pair(1, "a"), std::pair(2, "b")}, &std::pair<int, const char*>::second) == "a, b");
}

TEST_CASE("Of many items the first are listed and the others counted") {
  CHECK(listed(kNames, std::identity(), 3) == "one, , three");
  CHECK(listed(kNames, std::identity(), 1) == "one and 2 more");
}

}  // namespace
}  // namespace llmtool
