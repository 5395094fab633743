#include <catch2/catch.hpp>

#include "llmtool/data/label_assignment.h"

using namespace llmtool;
using Catch::Contains;

namespace {

std::string doubts(std::vector<std::string> names) {
  std::string text;
  for (const std::string& doubt : describe_doubtful_labels(LabelSet(std::move(names)), "label")) text += doubt + "\n";
  return text;
}

}  // namespace

TEST_CASE("labels that are meant give no doubt") {
  CHECK(doubts({"neg", "pos"}).empty());
  CHECK(doubts({"1", "2", "10"}).empty());
  CHECK(doubts({"1,5", "2,0"}).empty());
  CHECK(doubts({"18-25", "26-35"}).empty());
}

TEST_CASE("labels that differ in case or white space are one warning") {
  CHECK_THAT(doubts({"Neg", "neg", "pos", "pos "}),
             Contains("'Neg' and 'neg', 'pos' and 'pos '") && Contains("they are different labels"));
  CHECK_THAT(doubts({"a", "A", "b", "B", "c", "C", "d", "D"}), Contains("and 1 more"));
}

TEST_CASE("labels that are the same number are told") {
  CHECK_THAT(doubts({"1", "1.0", "2"}), Contains("the same number: '1' and '1.0'"));
}

TEST_CASE("a second header row is told") {
  CHECK_THAT(doubts({"label", "neg", "pos"}), Contains("the name of the label column"));
}

TEST_CASE("lists of numbers are told") {
  CHECK_THAT(doubts({"0,13,15", "1", "27"}), Contains("the label '0,13,15' is a list of numbers"));
  CHECK_THAT(doubts({"0,13", "1"}), Contains("'0,13'"));
  CHECK_THAT(doubts({"[1, 2, 3]", "[4]"}), Contains("'[1, 2, 3]'"));
}
