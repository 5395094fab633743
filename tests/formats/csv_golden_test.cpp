#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "rows.h"

namespace llmtool {

TEST_CASE("CSV files of Python are read as Python wrote them") {
  const Json rows = read_json_file(testing::fixture("formats/csv.json").string(), ExitCode::kInternal);
  for (const char* name : {"minimal.csv", "all_quoted.csv", "lf.csv"}) {
    INFO(name);
    const auto reader = open_rows(testing::fixture(std::string("formats/") + name).string());
    CHECK(reader->columns() == rows[0].get<ColumnNames>());
    Row row;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      REQUIRE(reader->next(row));
      CHECK(testing::cells_of(row) == rows[i].get<testing::Cells>());
    }
    CHECK_FALSE(reader->next(row));
  }
}

}  // namespace llmtool
