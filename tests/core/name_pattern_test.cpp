#include <catch2/catch.hpp>
#include <string>

#include "llmtool/core/text.h"

namespace llmtool {
namespace {

TEST_CASE("A star stands for any characters and a question mark for one") {
  CHECK(matches_pattern("a.weight", "a.weight"));
  CHECK_FALSE(matches_pattern("a.weight", "a.bias"));
  CHECK(matches_pattern("a.weight", "*"));
  CHECK(matches_pattern("", "*"));
  CHECK(matches_pattern("a.weight", "*.weight"));
  CHECK(matches_pattern("a.weight", "a.*"));
  CHECK(matches_pattern("a.weight", "**a*"));
  CHECK(matches_pattern("layer.3.bias", "layer.?.bias"));
  CHECK_FALSE(matches_pattern("layer.13.bias", "layer.?.bias"));
  CHECK_FALSE(matches_pattern("a.weight", "weight"));
  CHECK_FALSE(matches_pattern("a.weight", ""));
  CHECK(matches_pattern("", ""));
}

TEST_CASE("A star takes more when what follows fails") {
  CHECK(matches_pattern("a.norm.norm.weight", "*.norm.weight"));
  CHECK(matches_pattern("abcabd", "*ab?d*") == false);
  CHECK(matches_pattern("abcabxd", "*ab?d"));
  CHECK_FALSE(matches_pattern(std::string(5000, 'a'), "*a*a*a*a*a*a*a*b"));  // and within the time of a test
}

}  // namespace
}  // namespace llmtool
