// What every format does with content that is no proper UTF-8 text.
#include "rows.h"

namespace llmtool {
namespace {

using testing::read_message;

constexpr FileFormat kFormats[] = {FileFormat::kCsv, FileFormat::kTsv, FileFormat::kJsonl, FileFormat::kText};

}  // namespace

TEST_CASE("invalid UTF-8 is an error with line and byte offset") {
  CHECK_THAT(read_message("text\ncaf\xe9\n", {FileFormat::kCsv}),
             Catch::StartsWith("in:2: invalid UTF-8 at byte offset 8 (byte 0xe9)") && Catch::Contains("iconv"));
  CHECK_THAT(read_message("\xef\xbb\xbftext\nok\ncaf\xe9\n", {FileFormat::kTsv}),
             Catch::Contains("in:3: ") && Catch::Contains("offset 14"));
  CHECK_THAT(read_message("\xc0\x80\n", {FileFormat::kText}), Catch::Contains("in:1: ") && Catch::Contains("offset 0"));
  CHECK_THAT(read_message("a,b\n1,\"x\ny\xff\"\n", {FileFormat::kCsv}),
             Catch::Contains("in:3: ") && Catch::Contains("offset 10"));
}

TEST_CASE("bytes that only Windows gives letters to are told as such") {
  CHECK_THAT(read_message("text\na \x93quoted\x94 caf\xe9\n", {FileFormat::kCsv}),
             Catch::Contains("byte 0x93") && Catch::Contains("iconv -f WINDOWS-1252"));
  CHECK_THAT(read_message("text\ncaf\xe9 \x96 \x80\n", {FileFormat::kCsv}), Catch::Contains("iconv -f WINDOWS-1252"));
  CHECK_THAT(read_message("text\ncaf\xe9\n", {FileFormat::kCsv}), Catch::Contains("iconv -f WINDOWS-1252"));
}

TEST_CASE("the byte offset counts from the start of the file also far behind the first block") {
  const std::string start(1000003, 'a');
  CHECK_THAT(read_message(start + "\n\xff\n", {FileFormat::kText}), Catch::Contains("offset 1000004"));
}

TEST_CASE("UTF-16 and binary content is recognised") {
  for (const FileFormat format : kFormats) {
    CHECK_THAT(read_message(std::string("\xff\xfe"
                                        "a\0\n\0",
                                        6),
                            {format}),
               Catch::Contains("iconv -f UTF-16"));
    CHECK_THAT(read_message(std::string("a\0b\0c\0\n\0", 8), {format}), Catch::Contains("NUL bytes"));
    CHECK_THAT(read_message("PK\x03\x04xyz", {format}), Catch::Contains("Excel"));
    CHECK_THAT(read_message("", {format}), Catch::Contains("in: the file is empty"));
    CHECK_THAT(read_message("\xef\xbb\xbf", {format}), Catch::Contains("in: the file is empty"));
  }
}

TEST_CASE("a stray NUL byte is an error of its row") {
  const std::string content = "a fairly long first line\nx" + std::string(1, '\0') + "y\nlast\n";
  CHECK_THAT(read_message(content, {FileFormat::kText}), Catch::StartsWith("in:2: NUL byte at byte offset 26"));
}

}  // namespace llmtool
