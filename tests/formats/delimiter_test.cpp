#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::all_cells;
using testing::Cells;
using testing::read_message;
using testing::rows_of;
using Table = std::vector<Cells>;

ReadOptions csv(Delimiter delimiter, bool header = true) {
  ReadOptions options{FileFormat::kCsv, header};
  options.layout.delimiter = delimiter;
  return options;
}

char guessed(const std::string& content, bool header = true) {
  return rows_of(content, csv(Delimiter::kAuto, header))->delimiter().value();
}

}  // namespace

TEST_CASE("tables with other delimiters are read as pandas reads them") {
  const Json goldens = read_json_file(testing::fixture("formats/delimiters.json").string(), ExitCode::kInternal);
  for (const auto& [name, rows] : goldens.items()) {
    INFO(name);
    const auto reader = open_rows(testing::fixture("formats/" + name).string());
    CHECK(reader->columns() == rows[0].get<ColumnNames>());
    Row row;
    for (std::size_t i = 1; i < rows.size(); ++i) {
      REQUIRE(reader->next(row));
      CHECK(testing::cells_of(row) == rows[i].get<Cells>());
    }
    CHECK_FALSE(reader->next(row));
  }
}

TEST_CASE("the header tells the delimiter where it has one alone") {
  CHECK(guessed("text,label\na;b|c,x\n") == ',');
  CHECK(guessed("text;label\na, b, c;x\n") == ';');
  CHECK(guessed("text\tlabel\na\tx\n") == '\t');
  CHECK(guessed("text|label\na|x\n") == '|');
  CHECK(guessed("text\na;b\nc;d\n") == ',');
  CHECK(guessed("question; answer\nyes\nno\n") == ',');
  CHECK(guessed("text;label\n") == ';');
  CHECK(guessed("\"a;b\",label\nx,y\n") == ',');
  CHECK(guessed("\"a, b\";label\nx;y\n") == ';');
}

TEST_CASE("rows tell the delimiter where the header has several") {
  CHECK(guessed("id;text, long;label\n1;good;x\n2;bad, really;y\n") == ';');
  CHECK(guessed("id,a;b,label\n1,2,3\n") == ',');
  CHECK(guessed("a;b,c\nx;y,z\n") == ',');
  CHECK(guessed("a;b|c\n1;2\n3;4\n") == ';');
}

TEST_CASE("without a header two rows must agree on the delimiter") {
  CHECK(guessed("good;x\nbad;y\n", false) == ';');
  CHECK(guessed("good, really;x\nbad;y\n", false) == ';');
  CHECK(guessed("a;b\n", false) == ',');
  CHECK(guessed("good; fine\nbad\n", false) == ',');
  CHECK(guessed("a,b\nc,d\n", false) == ',');
  CHECK(guessed("x;y\n\"two\nlines; one field\";z\n", false) == ';');
}

TEST_CASE("a delimiter that is asked for is used") {
  CHECK(all_cells("a,b;c\n1,2;3\n", csv(Delimiter::kSemicolon)) == Table{{"1,2", "3"}});
  CHECK(all_cells("a;b\n\"x;\"\"y\";2\n", csv(Delimiter::kSemicolon)) == Table{{"x;\"y", "2"}});
  CHECK(all_cells("a,b\n1,2\n", csv(Delimiter::kBar)) == Table{{"1,2"}});
  CHECK_THAT(read_message("a;b\n1;2;3\n", csv(Delimiter::kAuto)),
             Catch::Contains("a field that contains ';' must stand in quotes"));
}

TEST_CASE("TSV has tabs and refuses another delimiter by name") {
  ReadOptions options{FileFormat::kTsv};
  options.layout.delimiter = Delimiter::kTab;
  CHECK(all_cells("a\tb\n1\t2\n", options) == Table{{"1", "2"}});
  options.layout.delimiter = Delimiter::kSemicolon;
  CHECK_THAT(read_message("a;b\n", options), Catch::Contains("the delimiter asked for is ';'"));
}

}  // namespace llmtool
