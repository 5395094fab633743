#include "llmtool/data/label_set.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"

using namespace llmtool;

TEST_CASE("labels have ids in the order of their names") {
  const LabelSet labels({"neutral", "negative"});
  CHECK(labels.size() == 2);
  CHECK(labels.find("negative") == 1);
  CHECK(labels.name(0) == "neutral");
  CHECK_FALSE(labels.find("Negative"));
}

TEST_CASE("a label named twice or without name is refused") {
  CHECK_THROWS_AS(LabelSet({"a", "b", "a"}), DataError);
  CHECK_THROWS_AS(LabelSet({"a", ""}), DataError);
}

TEST_CASE("integer labels are ordered by value and others by code point") {
  CHECK(ordered_labels({"10", "9", "-1"}).names() == std::vector<std::string>{"-1", "9", "10"});
  CHECK(ordered_labels({"10", "9", "x"}).names() == std::vector<std::string>{"10", "9", "x"});
  CHECK(ordered_labels({"é", "z", "Z", "a", "\xF0\x9F\x98\x80", "\xEF\xBF\xBD"}).names() ==
        std::vector<std::string>{"Z", "a", "z", "é", "\xEF\xBF\xBD", "\xF0\x9F\x98\x80"});
}

TEST_CASE("only plain decimal integers count as integers") {
  CHECK(integer_label("0") == 0);
  CHECK(integer_label("-12") == -12);
  CHECK(integer_label("9223372036854775807") == 9223372036854775807);
  for (const char* text : {"", "-", "007", "-0", "+1", "1.0", " 1", "1 ", "1e2", "9223372036854775808"}) {
    INFO(text);
    CHECK_FALSE(integer_label(text));
  }
}
