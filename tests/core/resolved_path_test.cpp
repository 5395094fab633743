#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/temporary_directory.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

TEST_CASE("A path is resolved through links, also one that leads nowhere yet") {
  const testing::TemporaryDirectory directory;
  directory.write("folder/a.csv", "x");
  const fs::path folder = resolved_path(directory / "folder");
  fs::create_directory_symlink("folder", directory / "alias");
  fs::create_symlink("new.csv", directory / "folder/dangling.csv");
  CHECK(resolved_path(directory / "alias/a.csv") == folder / "a.csv");
  CHECK(resolved_path(directory / "alias/dangling.csv") == folder / "new.csv");
  CHECK(resolved_path(directory / "alias/../folder/new/") == folder / "new");
}

TEST_CASE("The place of a path in a folder is what follows the folder") {
  CHECK(place_in("/a/b", "/a/b/c/d") == fs::path("c/d"));
  CHECK(place_in("/a/b", "/a/b") == fs::path());
  CHECK_FALSE(place_in("/a/b", "/a/bc"));
  CHECK_FALSE(place_in("/a/b", "/a"));
}

}  // namespace
}  // namespace llmtool
