#include <sys/stat.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

TEST_CASE("Files can be read again, pipes, devices and standard input not") {
  const testing::TemporaryDirectory directory;
  const std::filesystem::path pipe = directory / "pipe";
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  CHECK(can_be_read_again(directory.write("a", "abc")));
  CHECK(can_be_read_again(directory / "missing"));
  CHECK_FALSE(can_be_read_again(pipe));
  CHECK_FALSE(can_be_read_again("/dev/null"));
  CHECK_FALSE(can_be_read_again("-"));
}

}  // namespace
}  // namespace llmtool
