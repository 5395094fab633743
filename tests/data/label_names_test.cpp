#include <catch2/catch.hpp>

#include "llmtool/data/label_set.h"

using namespace llmtool;

TEST_CASE("numbers are equal however they are written") {
  for (const char* text : {"1", "01", "1.0", "+1", "1.", "1e0", "10e-1", "0.1E+1", "1.000"})
    CHECK(number_value(text) == number_value("1"));
  for (const char* text : {"0", "-0", "0.0", "0e5", ".0"}) CHECK(number_value(text) == number_value("0"));
  CHECK(number_value("-1") != number_value("1"));
  CHECK(number_value("10") != number_value("1"));
  CHECK(number_value("0.1") != number_value("0.10000000000000000001"));
  CHECK(number_value("100000000000000000000") == number_value("1e20"));
  CHECK(number_value("100000000000000000001") != number_value("1e20"));
}

TEST_CASE("texts that only look like numbers are none") {
  for (const char* text :
       {"", "-", ".", "e5", "1e", "1e+", "1.2.3", "1,5", "0x1", " 1", "1 ", "nan", "inf", "one", "1e99999999999"})
    CHECK_FALSE(number_value(text));
}

TEST_CASE("whole numbers are read whatever their form") {
  CHECK(whole_number("2") == 2);
  CHECK(whole_number("02.0") == 2);
  CHECK(whole_number("-3") == -3);
  CHECK(whole_number("1e3") == 1000);
  CHECK(whole_number("0.0") == 0);
  CHECK_FALSE(whole_number("1.5"));
  CHECK_FALSE(whole_number("1e30"));
  CHECK_FALSE(whole_number("two"));
}

TEST_CASE("numbers can be ids only of names that are no numbers and have none of their own") {
  const auto can_be_ids = [](std::vector<std::string> names) {
    const LabelSet labels(std::move(names));
    return LabelNames(labels).can_be_ids();
  };
  CHECK(can_be_ids({"negative", "positive"}));
  CHECK(can_be_ids({"LABEL_0", "LABEL_1", "LABEL_2"}));
  CHECK(can_be_ids({"covid19", "flu", "cold"}));
  CHECK(can_be_ids({"covid19", "sars2"}));
  CHECK(can_be_ids({"0-2 years", "3-5 years"}));
  CHECK_FALSE(can_be_ids({"1", "other"}));
  CHECK_FALSE(can_be_ids({"1.0", "2.0"}));
  CHECK_FALSE(can_be_ids({"01", "02"}));
  CHECK_FALSE(can_be_ids({"1 star", "2 stars", "3 stars"}));
  CHECK_FALSE(can_be_ids({"LABEL_1", "LABEL_0"}));
  CHECK_FALSE(can_be_ids({"class1", "class2"}));
}
