#include "rows.h"

namespace llmtool {

using testing::all_cells;
using testing::Cells;
using testing::rows_of;
using Table = std::vector<Cells>;

TEST_CASE("text has one column and one row per line with empty lines kept") {
  const ReadOptions options{FileFormat::kText};
  CHECK(all_cells("one, \"two\"\n\nthree\r\n", options) == Table{{"one, \"two\""}, {""}, {"three"}});
  CHECK(all_cells("no end", options) == Table{{"no end"}});
  CHECK(all_cells("\n", options) == Table{{""}});
  CHECK(rows_of("x", options)->columns() == ColumnNames{"text"});
}

}  // namespace llmtool
