#include "llmtool/formats/table_layout.h"
#include "rows.h"

namespace llmtool {

using testing::message_of;

TEST_CASE("the extension tells the format also when the file is compressed") {
  CHECK(resolve_file_format("a/b.csv", FileFormat::kAuto) == FileFormat::kCsv);
  CHECK(resolve_file_format("b.TSV", FileFormat::kAuto) == FileFormat::kTsv);
  CHECK(resolve_file_format("b.jsonl.gz", FileFormat::kAuto) == FileFormat::kJsonl);
  CHECK(resolve_file_format("b.ndjson", FileFormat::kAuto) == FileFormat::kJsonl);
  CHECK(resolve_file_format("b.txt.gz", FileFormat::kAuto) == FileFormat::kText);
  CHECK(resolve_file_format("b.json", FileFormat::kAuto) == FileFormat::kSquad);
}

TEST_CASE("a given format wins over the extension") {
  CHECK(resolve_file_format("b.csv", FileFormat::kTsv) == FileFormat::kTsv);
  CHECK(resolve_file_format("-", FileFormat::kText) == FileFormat::kText);
}

TEST_CASE("an unknown extension is an error listing the known ones") {
  const auto message = [](const char* path) {
    return message_of([&] { resolve_file_format(path, FileFormat::kAuto); }, ExitCode::kData);
  };
  CHECK_THAT(message("data.parquet"), Catch::Contains("data.parquet") && Catch::Contains(".csv, .tsv, .jsonl"));
  CHECK_THAT(message("-"), Catch::Contains("csv, tsv, jsonl, text or squad"));
}

}  // namespace llmtool
