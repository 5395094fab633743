#include "llmtool/core/enum_names.h"

#include <catch2/catch.hpp>

namespace llmtool {

enum class SampleColour { kRed, kBlue };

template <>
struct EnumNames<SampleColour> {
  static constexpr std::array kNames{std::pair{SampleColour::kRed, std::string_view("red")},
                                     std::pair{SampleColour::kBlue, std::string_view("blue")}};
};

namespace {

enum class NamelessColour { kGreen };

TEST_CASE("Enum values have names and names have values") {
  STATIC_REQUIRE(enum_name(SampleColour::kBlue) == "blue");
  STATIC_REQUIRE(enum_from_name<SampleColour>("red") == SampleColour::kRed);
  CHECK_FALSE(enum_from_name<SampleColour>("Red").has_value());
  CHECK_FALSE(enum_from_name<SampleColour>("").has_value());
  CHECK(enum_name(static_cast<SampleColour>(9)) == "?");
}

TEST_CASE("Only enums with a table of names count as named") {
  STATIC_REQUIRE(NamedEnum<SampleColour>);
  STATIC_REQUIRE_FALSE(NamedEnum<NamelessColour>);
  STATIC_REQUIRE_FALSE(NamedEnum<int>);
}

}  // namespace
}  // namespace llmtool
