#include "llmtool/core/bounded_json.h"

#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>

#include "../support/temporary_directory.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("JSON within its limits is read, beyond them the error names the limit") {
  const TemporaryDirectory directory;
  const std::string file = directory.write("a.json", "\xef\xbb\xbf{\"a\": [1, 2]}");
  CHECK(read_json_file(file, ExitCode::kModel, JsonLimits())["a"][1] == 2);
  CHECK_THROWS_WITH(read_json_file(file, ExitCode::kModel, {10, 100}),
                    Catch::StartsWith(file + ": it has 13 bytes; 10 are the most that are read"));
  CHECK_THROWS_WITH(read_json_file(file, ExitCode::kModel, {100, 2}),
                    Catch::StartsWith(file + ": it has more than 2 values"));
}

TEST_CASE("What is no regular file is refused and never waited for") {
  const TemporaryDirectory directory;
  const std::string pipe = (directory / "pipe.json").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  for (const std::string& path : {pipe, std::string("/dev/zero"), std::string("/dev/null")}) {
    CAPTURE(path);
    CHECK_THROWS_WITH(read_json_file(path, ExitCode::kModel, JsonLimits()),
                      "cannot read " + path + ": it is a device or a pipe, not a file");
  }
}

}  // namespace
}  // namespace llmtool
