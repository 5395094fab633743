#include "../support/temporary_directory.h"
#include "gzip_text.h"
#include "llmtool/formats/byte_stream.h"
#include "rows.h"

namespace llmtool {
namespace {

using testing::all_cells;
using testing::Cells;
using testing::gzip_text;
using testing::message_of;
using testing::read_message;

const ReadOptions kText{FileFormat::kText};

}  // namespace

TEST_CASE("gzip content is decompressed whatever the name says") {
  CHECK(all_cells(gzip_text("one\ntwo\n"), kText) == std::vector<Cells>{{"one"}, {"two"}});
}

TEST_CASE("concatenated gzip members and padding read as one file") {
  const std::string members = gzip_text("one\ntw") + gzip_text("") + gzip_text("o\n") + std::string(600, '\0');
  CHECK(all_cells(members, kText) == std::vector<Cells>{{"one"}, {"two"}});
}

TEST_CASE("truncated and damaged gzip is an error") {
  std::string text;
  for (int i = 0; i < 50000; ++i) text += std::to_string(i * 7919 % 10007) + "\n";
  const std::string whole = gzip_text(text);
  CHECK_THAT(read_message(whole.substr(0, whole.size() - 3), kText), Catch::Contains("in: the gzip data ends early"));
  CHECK_THAT(read_message(whole.substr(0, whole.size() / 2), kText), Catch::Contains("ends early"));
  std::string damaged = whole;
  damaged[damaged.size() - 6] ^= 1;  // in the checksum
  CHECK_THAT(read_message(damaged, kText), Catch::Contains("damaged gzip data"));
  CHECK_THAT(read_message(whole + "garbage", kText), Catch::Contains("damaged gzip data"));
  CHECK_THAT(read_message(gzip_text(""), kText), Catch::Contains("the file is empty"));
}

TEST_CASE("a file is opened by name with its format and compression") {
  const testing::TemporaryDirectory directory;
  const auto path = directory.write("a.csv.gz", gzip_text("x,y\n1,2\n"));
  const auto reader = open_rows(path.string());
  CHECK(reader->columns() == ColumnNames{"x", "y"});
  CHECK(reader->name() == path.string());
}

TEST_CASE("missing files and folders are resource errors") {
  const testing::TemporaryDirectory directory;
  const auto message = [](const std::string& path) {
    return message_of([&] { open_rows(path); }, ExitCode::kResources);
  };
  CHECK_THAT(message((directory / "none.csv").string()), Catch::Contains("none.csv: No such file"));
  CHECK_THAT(message(directory.path().string()), Catch::Contains("is a folder; name a file"));
}

TEST_CASE("a name ending in gz must be gzip") {
  const testing::TemporaryDirectory directory;
  const auto path = directory.write("a.csv.gz", "x,y\n1,2\n");
  CHECK_THAT(message_of([&] { open_rows(path.string()); }, ExitCode::kData), Catch::Contains("is not gzip"));
}

}  // namespace llmtool
