#include "llmtool/formats/row_writer.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::all_cells;
using testing::Cells;
using testing::read_message;
using testing::rows_of;

constexpr auto kCsv = FileFormat::kCsv;
using Table = std::vector<Cells>;

ReadOptions collecting(std::vector<RowError>& errors) {
  return {kCsv, true, [&errors](const RowError& error) { errors.push_back(error); }};
}

}  // namespace

TEST_CASE("CSV rows come with the line they start on and cells by name") {
  const auto reader = rows_of("text,label\nfine,pos\n\"two\nlines\",neg\nlast,pos", {kCsv});
  CHECK(reader->columns() == ColumnNames{"text", "label"});
  Row row;
  REQUIRE(reader->next(row));
  CHECK(row.line() == 2);
  CHECK(row.find("label") == "pos");
  CHECK_FALSE(row.find("other"));
  REQUIRE(reader->next(row));
  CHECK(row.line() == 3);
  CHECK(row.cell(0) == "two\nlines");
  REQUIRE(reader->next(row));
  CHECK(row.line() == 5);
  CHECK(row.values() == RowValues{{"text", "last"}, {"label", "pos"}});
  CHECK_FALSE(reader->next(row));
  CHECK_FALSE(reader->next(row));
}

TEST_CASE("CSV quoting follows RFC 4180") {
  CHECK(all_cells("a,b\n\"x, y\",\"say \"\"hi\"\"\"\n", {kCsv}) == Table{{"x, y", "say \"hi\""}});
  CHECK(all_cells("a,b\n\"\",\"\"\"\"\n", {kCsv}) == Table{{"", "\""}});
  CHECK(all_cells("a,b\n\"l1\r\n\r\nl3\",y\r\n", {kCsv}) == Table{{"l1\r\n\r\nl3", "y"}});
  CHECK(all_cells("a,b\n\"x\n\",\"\n\"", {kCsv}) == Table{{"x\n", "\n"}});
  CHECK(all_cells("\"a\",\"b,\"\n1,2\n", {kCsv}) == Table{{"1", "2"}});
}

TEST_CASE("a quote inside an unquoted CSV field stands for itself and spaces are kept") {
  CHECK(all_cells("a,b\n5\" disk, \"x\"\n", {kCsv}) == Table{{"5\" disk", " \"x\""}});
}

TEST_CASE("CSV accepts a byte order mark and CRLF and a missing final newline") {
  CHECK(all_cells("\xef\xbb\xbf"
                  "a,b\r\n1,\r\n,2",
                  {kCsv}) == Table{{"1", ""}, {"", "2"}});
  CHECK(rows_of("\xef\xbb\xbf"
                "a,b\r\n1,2",
                {kCsv})
            ->columns() == ColumnNames{"a", "b"});
}

TEST_CASE("CSV without header names columns by position and keeps the first row") {
  const ReadOptions options{kCsv, false};
  CHECK(rows_of("x,y\n", options)->columns() == ColumnNames{"0", "1"});
  CHECK(all_cells("x,y\nz,w\n", options) == Table{{"x", "y"}, {"z", "w"}});
  const auto reader = rows_of("x,y\n", options);
  Row row;
  REQUIRE(reader->next(row));
  CHECK(row.find("1") == "y");
}

TEST_CASE("empty CSV lines are skipped in wide tables and empty texts in tables of one column") {
  CHECK(all_cells("a,b\n\n1,2\n\r\n", {kCsv}) == Table{{"1", "2"}});
  CHECK(all_cells("text\none\n\n\"\"\n", {kCsv}) == Table{{"one"}, {""}, {""}});
}

TEST_CASE("a CSV file may have a header and no rows") { CHECK(all_cells("a,b\n", {kCsv}).empty()); }

TEST_CASE("ragged CSV rows are an error with line and both counts") {
  CHECK_THAT(read_message("a,b\n1,2\n1,2,3\n", {kCsv}),
             Catch::StartsWith("in:3: the row has 3 fields, but the header has 2"));
  CHECK_THAT(read_message("1,2\n1\n", {kCsv, false}),
             Catch::Contains("in:2: the row has 1 field, but") && Catch::Contains("the first row has 2"));
}

TEST_CASE("an unclosed CSV quote names the line and column where it opens") {
  CHECK_THAT(read_message("a,b\n1,2\né,\"x\n3,4\n5,6\n", {kCsv}),
             Catch::StartsWith("in:3:3: the quote that opens here"));
  CHECK_THAT(read_message("a,\"b\n1,2\n", {kCsv}), Catch::StartsWith("in:1:3: "));
}

TEST_CASE("text behind a closing CSV quote is an error") {
  CHECK_THAT(read_message("a,b\n\"x\ny\"z,2\n", {kCsv}), Catch::StartsWith("in:3:3: text follows a closing quote"));
}

TEST_CASE("CSV columns without a name or with the name of another get one of their own") {
  const auto columns = [](const char* header) { return rows_of(std::string(header) + "\n", {kCsv})->columns(); };
  CHECK(columns(",text,label") == ColumnNames{"column_1", "text", "label"});
  CHECK(columns("v1,v2,,,") == ColumnNames{"v1", "v2", "column_3", "column_4", "column_5"});
  CHECK(columns("text,text,text") == ColumnNames{"text", "text_2", "text_3"});
  CHECK(columns("text,text,text_2") == ColumnNames{"text", "text_3", "text_2"});
  CHECK(columns(",column_1,a") == ColumnNames{"column_2", "column_1", "a"});
  const auto reader = rows_of("a,b,a\n1,2,3\n", {kCsv});
  CHECK(reader->is_repeated("a"));
  CHECK_FALSE(reader->is_repeated("b"));
  CHECK_FALSE(reader->is_repeated("a_2"));
  CHECK(all_cells("a,b,a\n1,2,3\n", {kCsv}) == Table{{"1", "2", "3"}});
}

TEST_CASE("a CSV header with half a million equal names is read in no time") {
  std::string header;
  for (int i = 0; i < 500000; ++i) header += i == 0 ? "a" : ",a";
  CHECK(rows_of(header + "\n", {kCsv})->columns().back() == "a_500000");
}

TEST_CASE("a CSV header that names no column is an error") {
  CHECK_THAT(read_message(",,\n1,2,3\n", {kCsv}), Catch::StartsWith("in:1: the header names no column"));
  CHECK_THAT(read_message("a,b\r1,2\r", {kCsv}), Catch::Contains("old Mac"));
}

TEST_CASE("a row longer than allowed is an error with its line") {
  ReadOptions options{kCsv};
  options.layout.max_row_mib = 1;
  const std::string large((1 << 20) + 10, 'x');
  CHECK_THAT(read_message("a,b\n1,2\n" + large + ",2\n3,4\n", options),
             Catch::StartsWith("in:3: the line is longer than 1 MiB") && Catch::Contains("--max-row-mib"));
  CHECK_THAT(read_message("a,b\n1,2\n1,\"" + large + "\n" + large + "\"\n", options), Catch::Contains("1 MiB"));
  std::string lines;
  for (int i = 0; i < 200000; ++i) lines += "some text\n";
  CHECK_THAT(read_message("a,b\n1,2\n1,\"" + lines, options),
             Catch::StartsWith("in:3:3: the quote that opens here is not closed within 1 MiB"));
  CHECK(all_cells("a,b\n" + large.substr(20) + ",2\n", options).size() == 1);
}

TEST_CASE("bad CSV rows can be reported while reading goes on") {
  std::vector<RowError> errors;
  const auto rows = all_cells(
      "a,b\n"
      "1,one\n"
      "2,\"x\ny\",z\n"  // ragged, over two lines
      "3,\"x\"y\n"      // text behind the quote
      "4,\xff\n"        // invalid UTF-8
      "5,five\n"
      "6,\"open\n"  // never closed
      "7,seven\n",
      collecting(errors));
  CHECK(rows == Table{{"1", "one"}, {"5", "five"}, {"7", "seven"}});
  REQUIRE(errors.size() == 4);
  CHECK(errors[0].line == 3);
  CHECK(errors[0].text == "2,\"x\ny\",z");
  CHECK_THAT(errors[0].reason, Catch::StartsWith("in:3: the row has 3 fields"));
  CHECK(errors[1].line == 5);
  CHECK(errors[2].text == "4,\xff");
  CHECK(errors[3].line == 8);
  CHECK(errors[3].text == "6,\"open");
}

TEST_CASE("reading can go on after a bad CSV row that threw") {
  const auto reader = rows_of("a,b\n1\n3,4\n", {kCsv});
  Row row;
  CHECK_THROWS_AS(reader->next(row), DataError);
  REQUIRE(reader->next(row));
  CHECK(row.cell(1) == "4");
}

TEST_CASE("CSV cells larger than the read buffer arrive whole") {
  const std::string large(700000, 'x');
  const std::string lines = large + "\n" + large;
  const auto rows = all_cells("a,b\n1,\"" + lines + "\"\n2,y\n" + large + ",z\n", {kCsv});
  CHECK(rows == Table{{"1", lines}, {"2", "y"}, {large, "z"}});
}

}  // namespace llmtool
