#include <catch2/catch.hpp>
#include <limits>

#include "llmtool/config/field_types.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

TEST_CASE("Integers are decimal and may be written with an exponent when they are exact") {
  CHECK(parse_integer("0") == 0);
  CHECK(parse_integer("-0") == 0);
  CHECK(parse_integer("+7") == 7);
  CHECK(parse_integer("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(parse_integer("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  CHECK(parse_integer("1e5") == 100000);
  CHECK(parse_integer("2.0") == 2);
  CHECK(parse_integer("2.5e1") == 25);
  CHECK(parse_integer("9007199254740992.0") == 9007199254740992);
  for (const char* text :
       {"", "-", "1.5", "1e-1", "1e17", "00", "-01", "0x1", "1 ", " 1", "1_0", "1e", "e1", ".", "1e400"})
    CHECK_THROWS_AS(parse_integer(text), ValueError);
}

TEST_CASE("Numbers are finite decimals") {
  CHECK(parse_number("3") == 3.0);
  CHECK(parse_number("3.") == 3.0);
  CHECK(parse_number(".5") == 0.5);
  CHECK(parse_number("+1e-4") == 1e-4);
  CHECK(parse_number("1E+2") == 100.0);
  CHECK(parse_number("0.1") == 0.1);
  CHECK(parse_number("1.7976931348623157e308") == std::numeric_limits<double>::max());
  for (const char* text :
       {"", ".", "+", "1e309", "1e-400", ".inf", "-.inf", "nan", "1,5", "01", "1.5x", "0x1p3", "1__0", "--1"})
    CHECK_THROWS_AS(parse_number(text), ValueError);
}

TEST_CASE("Only true and false are booleans") {
  CHECK(parse_bool("true"));
  CHECK_FALSE(parse_bool("false"));
  for (const char* text : {"", "True", "yes", "on", "1", "t"}) CHECK_THROWS_AS(parse_bool(text), ValueError);
}

TEST_CASE("A plain scalar of unknown type becomes the JSON it looks like") {
  CHECK(plain_scalar_to_json("~") == Json(nullptr));
  CHECK(plain_scalar_to_json("true") == Json(true));
  CHECK(plain_scalar_to_json("12").is_number_integer());
  CHECK(plain_scalar_to_json("1.0").is_number_float());
  CHECK(plain_scalar_to_json("15m") == Json("15m"));
  CHECK(plain_scalar_to_json("no") == Json("no"));
  CHECK_THROWS_AS(plain_scalar_to_json("010"), ValueError);
  CHECK_THROWS_AS(plain_scalar_to_json("99999999999999999999"), ValueError);
}

}  // namespace
}  // namespace llmtool
