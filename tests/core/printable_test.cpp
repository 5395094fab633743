#include <catch2/catch.hpp>

#include "llmtool/core/errors.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

TEST_CASE("What a terminal obeys is shown as escapes") {
  CHECK(printable("caf\xc3\xa9\n\tx") == "caf\xc3\xa9\n\tx");
  CHECK(printable("\x1b[31mred\x1b]0;title\x07") == "\\x1b[31mred\\x1b]0;title\\x07");
  CHECK(printable("a\rb\x7f") == "a\\rb\\x7f");
  CHECK(printable("\xc2\x9b"
                  "31m\xc2\x85") == "\\u009b31m\\u0085");  // C1: CSI and next line
  CHECK(printable("\xe2\x80\xaetxt.exe\xe2\x81\xa6") == "\\u202etxt.exe\\u2066");
  CHECK(printable("\xe2\x80\xa8\xe2\x80\x8f\xef\xbb\xbf") == "\\u2028\\u200f\\ufeff");
  CHECK(printable("\xff\xc3(") == "\\xff\\xc3(");
  CHECK(printable(std::string_view("\0", 1)) == "\\x00");
  CHECK(printable("👩‍💻") == "👩‍💻");  // held together by a joiner that belongs to it
}

TEST_CASE("Quoted names show hidden characters, too") {
  CHECK(quote("a\xe2\x80\xae"
              "b\xc2\x9b") == "'a\\u202eb\\u009b'");
  CHECK(quote("pos\xe2\x80\x8b") == "'pos\\u200b'");
}

TEST_CASE("The file of a position cannot begin a line of its own") {
  CHECK(SourcePosition{"a\n12:00:00 error: b\x1b", 3}.to_string() == "a\\n12:00:00 error: b\\x1b:3");
}

TEST_CASE("A text is shortened between characters") {
  CHECK(shortened("ééé", 3) == "ééé");
  CHECK(shortened("ééé", 2) == "éé…");
  CHECK(shortened("", 0).empty());
}

TEST_CASE("A message as long as its cause is cut") {
  const std::string message = printable_message("file: " + std::string(5000000, 'x'));
  CHECK(message.size() < 17000);
  CHECK_THAT(message, Catch::StartsWith("file: xxx") && Catch::EndsWith("more bytes)"));
  std::string letters;
  for (int i = 0; i < 20000; ++i) letters += "é";
  CHECK_THAT(printable_message("x" + letters), !Catch::Contains("\\x"));
  CHECK(printable_message("short\x1b") == "short\\x1b");
}

}  // namespace
}  // namespace llmtool
