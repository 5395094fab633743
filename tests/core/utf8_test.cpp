#include <catch2/catch.hpp>

#include "llmtool/core/text.h"

namespace llmtool {
namespace {

TEST_CASE("Every code point survives encoding and decoding") {
  for (char32_t code_point = 0; code_point < 0x110000; ++code_point) {
    if (0xd800 <= code_point && code_point < 0xe000) continue;
    std::string text;
    append_utf8(code_point, text);
    std::size_t position = 0;
    if (find_invalid_utf8(text) || decode_utf8(text, position) != code_point || position != text.size() ||
        count_code_points(text) != 1)
      FAIL("code point " << static_cast<std::uint32_t>(code_point));
  }
}

// Unicode 15, table 3-7: what is just outside each row.
TEST_CASE("Ill-formed UTF-8 is found at its first byte") {
  for (const char* text : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf", "\xe0\xa0",
                           "\xed\xa0\x80", "\xed\xbf\xbf", "\xef\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80",
                           "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "\xff", "\xfe"}) {
    INFO(static_cast<int>(static_cast<unsigned char>(text[0])));
    CHECK(find_invalid_utf8(text) == std::size_t{0});
    CHECK(find_invalid_utf8("a\xc3\xa9" + std::string(text)) == std::size_t{3});
  }
}

TEST_CASE("The ends of the well-formed ranges are accepted") {
  for (const char* text : {"\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xef\xbf\xbf",
                           "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"})
    CHECK_FALSE(find_invalid_utf8(text).has_value());
  CHECK_FALSE(find_invalid_utf8(std::string_view("a\0b", 3)).has_value());
}

TEST_CASE("Decoding walks through mixed text") {
  const std::string text = "a\xc3\xa9\xe4\xb8\xad\xf0\x9f\x99\x82";
  std::size_t position = 0;
  CHECK(decode_utf8(text, position) == U'a');
  CHECK(decode_utf8(text, position) == U'\u00e9');
  CHECK(decode_utf8(text, position) == U'\u4e2d');
  CHECK(decode_utf8(text, position) == U'\U0001f642');
  CHECK(position == text.size());
  CHECK(count_code_points(text) == 4);
}

}  // namespace
}  // namespace llmtool
