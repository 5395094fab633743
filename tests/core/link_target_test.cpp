#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryDirectory;

TEST_CASE("A path that is no link is its own target") {
  const TemporaryDirectory directory;
  CHECK(link_target(directory / "missing") == directory / "missing");
  CHECK(link_target("relative") == "relative");
}

TEST_CASE("Links are followed to what is not there yet") {
  const TemporaryDirectory directory;
  directory.write("folder/file", "");
  fs::create_symlink("folder/new", directory / "relative");
  fs::create_symlink(directory / "relative", directory / "absolute");
  CHECK(link_target(directory / "absolute") == directory / "folder/new");
}

TEST_CASE("A loop of links is an error") {
  const TemporaryDirectory directory;
  fs::create_symlink("b", directory / "a");
  fs::create_symlink("a", directory / "b");
  CHECK_THROWS_WITH(link_target(directory / "a"),
                    "cannot follow the link " + (directory / "a").string() + ": Too many levels of symbolic links");
}

}  // namespace
}  // namespace llmtool
