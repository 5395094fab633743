#include "llmtool/core/fields.h"

#include <catch2/catch.hpp>
#include <vector>

namespace llmtool {
namespace {

struct Sample {
  std::int64_t count = 3;
  double rate = 0.5;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("count", self.count, "How many.", at_least(1));
    visit("rate", self.rate, "How fast.", in_range(0.0, 1.0), kNotCompared);
  }
  void check(FieldErrors& errors) const {
    if (rate > static_cast<double>(count)) errors.add("rate", "above count");
  }
};

struct NameCollector {
  std::vector<std::string> names;
  template <class T, class... Rules>
  void operator()(const char* name, T&, const char*, const Rules&...) {
    names.emplace_back(std::string(name) + "/" + std::to_string(sizeof...(Rules)));
  }
};

TEST_CASE("One list of fields serves constant and changeable structs") {
  NameCollector changeable;
  Sample sample;
  Sample::visit_fields(sample, changeable);
  NameCollector constant;
  Sample::visit_fields(std::as_const(sample), constant);
  CHECK(changeable.names == std::vector<std::string>{"count/1", "rate/2"});
  CHECK(constant.names == changeable.names);
}

TEST_CASE("A struct is told by what it offers") {
  STATIC_REQUIRE(HasFields<Sample>);
  STATIC_REQUIRE(HasCheck<Sample>);
  STATIC_REQUIRE_FALSE(HasFields<int>);
}

TEST_CASE("Limits include their ends") {
  CHECK(in_range(0.0, 1.0).contains(0.0));
  CHECK(in_range(0.0, 1.0).contains(1.0));
  CHECK_FALSE(in_range(0.0, 1.0).contains(1.0000001));
  CHECK(at_least(1).contains(std::numeric_limits<std::int64_t>::max()));
  CHECK_FALSE(at_least(1).contains(0));
}

}  // namespace
}  // namespace llmtool
