#include "llmtool/formats/row_writer.h"

#include <unistd.h>

#include <csignal>

#include "../support/temporary_directory.h"
#include "llmtool/core/random.h"
#include "llmtool/core/text.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::Cells;
using testing::message_of;
using testing::TemporaryDirectory;

std::string written(const std::string& name, const std::vector<RowValues>& rows, WriteOptions options = {}) {
  const TemporaryDirectory directory;
  const auto path = directory / name;
  const auto writer = create_rows(path.string(), options);
  for (const RowValues& row : rows) writer->write(row);
  writer->commit();
  return testing::read_file(path);
}

const RowValues kRow{
    {"text", "a, \"b\""}, {"id", 3}, {"score", 0.5}, {"none", nullptr}, {"tags", Json::array({1, "x"})}};

// Cells of letters that matter to some format, and some that need several bytes.
std::string random_cell(const CounterRandom& random, std::uint64_t& draw, std::string_view forbidden) {
  static const std::vector<std::string> kPieces{"a",  ",", "\"", "\n", "\r", "\r\n",
                                                "\t", " ", "é",  "日", "🎉",  "\xef\xbb\xbf"};
  std::string cell;
  for (std::uint64_t left = random.below(6, draw++); left > 0; --left) {
    const std::string& piece = kPieces[random.below(kPieces.size(), draw++)];
    if (piece.find_first_of(forbidden) == std::string::npos) cell += piece;
  }
  return cell;
}

// Writes random tables and expects to read the same.
void check_round_trip(const std::string& name, std::string_view forbidden) {
  const TemporaryDirectory directory;
  const auto path = (directory / name).string();
  for (std::uint64_t round = 0; round < 300; ++round) {
    const CounterRandom random(11, round);
    std::uint64_t draw = 0;
    const std::uint64_t num_columns = 1 + random.below(4, draw++);
    std::vector<Cells> cells(1 + random.below(7, draw++));
    ColumnNames columns;
    for (std::uint64_t i = 0; i < num_columns; ++i)
      columns.push_back(std::to_string(i) + random_cell(random, draw, forbidden));
    const auto writer = create_rows(path, {FileFormat::kAuto, true, columns});
    for (Cells& row : cells) {
      RowValues values;
      for (const std::string& column : columns) {
        row.push_back(random_cell(random, draw, forbidden));
        values.emplace_back(column, row.back());
      }
      writer->write(values);
    }
    writer->commit();
    const auto reader = open_rows(path);
    CHECK(reader->columns() == columns);
    std::vector<Cells> read;
    Row row;
    while (reader->next(row)) read.push_back(testing::cells_of(row));
    CHECK(read == cells);
  }
}

}  // namespace

TEST_CASE("CSV is written with quotes where they are needed") {
  CHECK(written("a.csv", {kRow}) == "text,id,score,none,tags\n\"a, \"\"b\"\"\",3,0.5,,\"[1,\"\"x\"\"]\"\n");
  CHECK(written("a.csv", {{{"text", ""}}}) == "text\n\"\"\n");
  CHECK(written("a.csv", {{{"a;b", "c;d"}}}) == "\"a;b\"\nc;d\n");
  CHECK(written("a.csv", {{{"a", 1}, {"b", "x\ny"}}}, {FileFormat::kAuto, false}) == "1,\"x\ny\"\n");
}

TEST_CASE("JSONL keeps types and order and other keys per row") {
  CHECK(written("a.jsonl", {kRow, {{"b", true}}}) ==
        "{\"text\":\"a, \\\"b\\\"\",\"id\":3,\"score\":0.5,\"none\":null,\"tags\":[1,\"x\"]}\n{\"b\":true}\n");
}

TEST_CASE("values that were read are written as they stood") {
  const RowValues row{{"id", RowValue::as_read("100000000000000000000")}, {"list", RowValue::as_read("[1.10,NaN]")}};
  CHECK(written("a.jsonl", {row}) == "{\"id\":100000000000000000000,\"list\":[1.10,NaN]}\n");
  CHECK(written("a.csv", {row}) == "id,list\n100000000000000000000,\"[1.10,NaN]\"\n");
  CHECK(written("a.tsv", {row}) == "id\tlist\n100000000000000000000\t[1.10,NaN]\n");
}

TEST_CASE("a CSV row may lack columns and be in another order but not bring new ones") {
  CHECK(written("a.csv", {{{"a", 1}, {"b", 2}}, {{"b", 3}}, {{"b", 5}, {"a", 4}}}) == "a,b\n1,2\n,3\n4,5\n");
  CHECK_THAT(message_of(
                 [] {
                   written("a.csv", {{{"a", 1}}, {{"c", 1}}});
                 },
                 ExitCode::kData),
             Catch::Contains("a.csv: row 2: it has the column 'c'"));
}

TEST_CASE("known columns are written even without rows") {
  CHECK(written("a.tsv", {}, {FileFormat::kAuto, true, {"x", "y"}}) == "x\ty\n");
}

TEST_CASE("TSV and text refuse what they cannot hold and name the row") {
  CHECK(written("a.tsv", {{{"a", "\"x, y\""}, {"b", ""}}}) == "a\tb\n\"x, y\"\t\n");
  CHECK_THAT(message_of(
                 [] {
                   written("a.tsv", {{{"a", "x"}}, {{"a", "x\ty"}}});
                 },
                 ExitCode::kData),
             Catch::Contains("a.tsv: row 2: the value of the column 'a' contains a tab"));
  CHECK(written("a.txt", {{{"text", "x"}}, {{"text", ""}}}) == "x\n\n");
  CHECK_THAT(message_of([] { written("a.txt", {{{"text", "x\ny"}}}); }, ExitCode::kData), Catch::Contains("row 1"));
  CHECK_THAT(message_of([] { written("a.txt", {kRow}); }, ExitCode::kData), Catch::Contains("it has 5 columns"));
}

TEST_CASE("a row that was refused leaves nothing behind") {
  const TemporaryDirectory directory;
  const auto path = directory / "a.tsv";
  const auto writer = create_rows(path.string());
  CHECK_THROWS_AS(writer->write({{"a", "fine"}, {"b", "not\tfine"}}), DataError);
  writer->write({{"a", "1"}, {"b", "2"}});
  writer->commit();
  CHECK(testing::read_file(path) == "a\tb\n1\t2\n");
}

TEST_CASE("random cells survive writing and reading") {
  check_round_trip("a.csv", "");
  check_round_trip("a.jsonl.gz", "");
  check_round_trip("a.tsv", "\t\r\n\xef");
}

TEST_CASE("a written file appears only when committed") {
  const TemporaryDirectory directory;
  {
    const auto writer = create_rows((directory / "a.csv").string());
    writer->write({{"a", std::string(200000, 'x')}});
    writer->flush();
  }
  CHECK(std::filesystem::is_empty(directory.path()));
}

TEST_CASE("failing writes are resource errors") {
  const auto write_to = [](std::FILE* stream) {
    const auto writer = create_rows(stream, "standard output", {FileFormat::kCsv});
    writer->write({{"a", 1}});
    writer->commit();
  };
  std::FILE* full = std::fopen("/dev/full", "w");
  REQUIRE(full != nullptr);
  CHECK_THAT(message_of([&] { write_to(full); }, ExitCode::kResources),
             Catch::Contains("cannot write to standard output: No space left"));
  std::fclose(full);

  std::signal(SIGPIPE, SIG_IGN);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  close(ends[0]);
  std::FILE* closed = fdopen(ends[1], "w");
  CHECK_THAT(message_of([&] { write_to(closed); }, ExitCode::kResources), Catch::Contains("Broken pipe"));
  std::fclose(closed);
  std::signal(SIGPIPE, SIG_DFL);
  CHECK_THROWS_AS(create_rows("/nonexistent/a.csv"), ResourceError);
}

}  // namespace llmtool
