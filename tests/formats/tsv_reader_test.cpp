#include "rows.h"

namespace llmtool {

using testing::all_cells;
using testing::Cells;
using testing::read_message;
using Table = std::vector<Cells>;

TEST_CASE("TSV is split at tabs without any quoting") {
  const ReadOptions options{FileFormat::kTsv};
  CHECK(all_cells("a\tb\n\"x\ty\"\n, \t\"\"\r\n", options) == Table{{"\"x", "y\""}, {", ", "\"\""}});
  CHECK(all_cells("a\tb\n\t\n", options) == Table{{"", ""}});
}

TEST_CASE("ragged TSV rows are an error with line and both counts") {
  CHECK_THAT(read_message("a\tb\n1\t2\t3\n", {FileFormat::kTsv}),
             Catch::StartsWith("in:2: the row has 3 fields, but the header has 2; a field cannot contain tabs"));
}

TEST_CASE("TSV without header keeps the first row") {
  CHECK(all_cells("a\tb\n", {FileFormat::kTsv, false}) == Table{{"a", "b"}});
}

}  // namespace llmtool
