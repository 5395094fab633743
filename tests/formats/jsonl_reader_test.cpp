#include "llmtool/formats/row_writer.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::all_cells;
using testing::Cells;
using testing::read_message;
using testing::rows_of;

const ReadOptions kJsonl{FileFormat::kJsonl};

}  // namespace

TEST_CASE("JSONL values keep their type and have a text") {
  const auto reader = rows_of(R"({"text": "a\nb", "label": 3, "ok": true, "none": null, "tags": ["x", 1]})"
                              "\n",
                              kJsonl);
  CHECK(reader->columns() == ColumnNames{"text", "label", "ok", "none", "tags"});
  Row row;
  REQUIRE(reader->next(row));
  CHECK(testing::cells_of(row) == Cells{"a\nb", "3", "true", "", "[\"x\",1]"});
  CHECK(row.has(1));
  CHECK_FALSE(row.has(3));
  CHECK_FALSE(row.find("none"));
  CHECK(row.values()[0] == std::pair<std::string, RowValue>{"text", "a\nb"});
  CHECK(row.values()[1] == std::pair<std::string, RowValue>{"label", RowValue::as_read("3")});
  CHECK(row.values()[3] == std::pair<std::string, RowValue>{"none", nullptr});
  CHECK(row.kind(1) == JsonKind::kInteger);
  CHECK(row.kind(4) == JsonKind::kArray);
}

TEST_CASE("later JSONL objects may have other keys") {
  const auto reader = rows_of("{\"a\": 1}\n\n  \n{\"b\": \"x\", \"a\": 2}\n{\"c\": 0}", kJsonl);
  Row row;
  REQUIRE(reader->next(row));
  REQUIRE(reader->next(row));
  CHECK(row.line() == 4);
  CHECK(row.find("a") == "2");
  CHECK(row.find("b") == "x");
  CHECK(row.values()[0].first == "b");
  REQUIRE(reader->next(row));
  CHECK_FALSE(row.has(0));
  CHECK(row.find("c") == "0");
  CHECK_FALSE(row.find("b"));
}

TEST_CASE("JSONL numbers keep their digits, also those no double holds") {
  const auto reader = rows_of(
      "{\"a\": 100000000000000000000, \"b\": [1.10, -0], \"c\": NaN}\n"
      "{\"c\": -Infinity, \"b\": {\"x\": 1E5}, \"a\": 1e999}\n",
      kJsonl);
  Row row;
  REQUIRE(reader->next(row));
  CHECK(testing::cells_of(row) == Cells{"100000000000000000000", "[1.10,-0]", "NaN"});
  REQUIRE(reader->next(row));
  CHECK(testing::cells_of(row) == Cells{"1e999", "{\"x\":1E5}", "-Infinity"});
  CHECK(row.values()[0].first == "c");
}

TEST_CASE("Names below the first level of a row are not compared: they pass through as they stand") {
  const auto rows = all_cells("{\"a\": 1, \"b\": {\"x\": 1, \"x\": [{\"y\": 2, \"y\": 3}]}}\n", kJsonl);
  REQUIRE(rows.size() == 1);
  CHECK(rows[0] == Cells{"1", "{\"x\":1,\"x\":[{\"y\":2,\"y\":3}]}"});
}

TEST_CASE("JSONL errors name line and column") {
  CHECK_THAT(read_message("{\"a\": 1}\n{\"a\": 1,}\n", kJsonl), Catch::StartsWith("in:2:"));
  CHECK_THAT(read_message("{\"a\": 1}\n[1]\n", kJsonl), Catch::StartsWith("in:2: each line must be a JSON object"));
  CHECK_THAT(read_message("{\"a\": 1, \"a\": 2}\n", kJsonl), Catch::Contains("duplicate key 'a'"));
  CHECK_THAT(read_message("[\n{\"a\": 1}\n]\n", kJsonl), Catch::Contains("one object a line"));
  CHECK_THAT(read_message("\n\n", kJsonl), Catch::Contains("no JSON object"));
  CHECK_THAT(read_message("[{\"a\": 1}, {\"a\": 2}]\n", kJsonl),
             Catch::StartsWith("in:1: each line must be a JSON object") && Catch::Contains("jq -c '.[]'"));
  CHECK_THAT(read_message("{\n\"a\": 1\n}\n", kJsonl), Catch::Contains("jq -c ."));
}

TEST_CASE("a JSONL file of bad lines alone is read to its end when they are reported") {
  std::vector<RowError> errors;
  const auto rows =
      all_cells("oops\n{\"a\":\n", {FileFormat::kJsonl, true, [&](const RowError& error) { errors.push_back(error); }});
  CHECK(rows.empty());
  CHECK(errors.size() == 2);
}

TEST_CASE("bad JSONL lines can be reported while reading goes on") {
  std::vector<RowError> errors;
  const auto rows = all_cells("oops\n{\"a\": 1}\n{\"a\":\n{\"a\": \"\xff\"}\n{\"a\": 2}\n",
                              {FileFormat::kJsonl, true, [&](const RowError& error) { errors.push_back(error); }});
  CHECK(rows == std::vector<Cells>{{"1"}, {"2"}});
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].text == "oops");
  CHECK(errors[1].line == 3);
  CHECK_THAT(errors[2].reason, Catch::StartsWith("in:4: invalid UTF-8 at byte offset 27"));
}

}  // namespace llmtool
