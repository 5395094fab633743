#include "llmtool/core/file_system.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryDirectory;

TEST_CASE("What is not there is told by the result") {
  const TemporaryDirectory directory;
  const fs::path file = directory.write("file", "abc");
  for (const fs::path& missing : {directory / "missing", directory / "missing/below", file / "below a file"}) {
    CHECK_FALSE(path_exists(missing));
    CHECK_FALSE(name_exists(missing));
    CHECK_FALSE(is_folder(missing));
    CHECK_FALSE(is_empty_folder(missing));
    CHECK_FALSE(regular_file_size(missing));
    remove_file(missing);
    remove_tree(missing);
  }
  CHECK(path_exists(file));
  CHECK(regular_file_size(file) == 3U);
  CHECK_FALSE(regular_file_size(directory.path()));
  CHECK_FALSE(is_empty_folder(directory.path()));
}

TEST_CASE("A link that leads nowhere is a name and no path") {
  const TemporaryDirectory directory;
  fs::create_symlink("nowhere", directory / "link");
  CHECK(name_exists(directory / "link"));
  CHECK_FALSE(path_exists(directory / "link"));
}

TEST_CASE("What cannot be looked at is a resource error of one line") {
  const TemporaryDirectory directory;
  fs::create_symlink("loop", directory / "loop");
  const fs::path loop = directory / "loop/below";
  const fs::path long_name = directory / std::string(300, 'n');
  for (const fs::path& path : {loop, long_name}) {
    CHECK_THROWS_AS(path_exists(path), ResourceError);
    CHECK_THROWS_AS(name_exists(path), ResourceError);
    CHECK_THROWS_AS(is_folder(path), ResourceError);
    CHECK_THROWS_AS(regular_file_size(path), ResourceError);
    CHECK_THROWS_AS(create_folders(path), ResourceError);
    CHECK_THROWS_AS(remove_tree(path), ResourceError);
  }
  CHECK_THROWS_WITH(path_exists(loop), "cannot look at " + loop.string() + ": Too many levels of symbolic links");
  CHECK_THROWS_WITH(path_exists(long_name), "cannot look at " + long_name.string() + ": File name too long");
}

TEST_CASE("A folder that is not permitted is a resource error") {
  if (geteuid() == 0) return;  // root may look everywhere
  const TemporaryDirectory directory;
  directory.write("closed/file", "");
  chmod((directory / "closed").c_str(), 0);
  CHECK_THROWS_WITH(path_exists(directory / "closed/file"),
                    Catch::Contains("cannot look at") && Catch::Contains("Permission denied"));
  CHECK_THROWS_WITH(names_in_folder(directory / "closed"), Catch::Contains("cannot list the folder"));
  CHECK_THROWS_WITH(files_below(directory.path()), Catch::Contains("cannot list the folder"));
  chmod((directory / "closed").c_str(), 0700);
}

TEST_CASE("Folders are listed in order") {
  const TemporaryDirectory directory;
  for (const char* name : {"b", "a/y", "a/x", "c"}) directory.write(name, "");
  CHECK(names_in_folder(directory.path()) == std::vector<std::string>{"a", "b", "c"});
  CHECK(files_below(directory.path()) == std::vector<fs::path>{"a/x", "a/y", "b", "c"});
  CHECK_THROWS_WITH(names_in_folder(directory / "d"), Catch::Contains("No such file or directory"));
}

TEST_CASE("Folders are made, renamed and removed") {
  const TemporaryDirectory directory;
  create_folders(directory / "a/b");
  create_folders(directory / "a/b");
  CHECK(is_empty_folder(directory / "a/b"));
  CHECK_THROWS_WITH(remove_file(directory / "a"), Catch::Contains("cannot remove"));
  rename_path(directory / "a", directory / "c");
  CHECK(is_folder(directory / "c/b"));
  CHECK_THROWS_WITH(rename_path(directory / "a", directory / "d"), Catch::Contains("cannot rename"));
  remove_tree(directory / "c");
  CHECK(names_in_folder(directory.path()).empty());
}

}  // namespace
}  // namespace llmtool
