#include <catch2/catch.hpp>
#include <filesystem>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// A folder with a.csv, model/config.json, links to them, and itself under another name.
class PathsFixture {
 public:
  PathsFixture() {
    directory_.write("work/a.csv", "x");
    directory_.write("work/model/config.json", "{}");
    fs::create_symlink("a.csv", work_ / "link.csv");
    fs::create_hard_link(work_ / "a.csv", work_ / "hard.csv");
    fs::create_directory_symlink("work", directory_ / "alias");
    fs::create_symlink("new.csv", work_ / "dangling.csv");
    fs::create_directory_symlink("model", work_ / "model_link");
  }

  void check(const fs::path& output) const {
    require_distinct_paths({.inputs = {{"--input", work_ / "a.csv"}},
                            .folders = {{"the model", work_ / "model"}},
                            .outputs = {{"--output", output}, {"--rejects", work_ / "new.csv"}}});
  }

  testing::TemporaryDirectory directory_;
  fs::path work_ = directory_ / "work";
};

TEST_CASE_METHOD(PathsFixture, "An output that is the input is found under every name") {
  for (const char* name : {"work/a.csv", "work/./a.csv", "work/model/../a.csv", "work/link.csv", "work/hard.csv",
                           "alias/a.csv", "alias/link.csv"}) {
    INFO(name);
    CHECK_THROWS_AS(check(directory_ / name), UsageError);
    CHECK_THROWS_WITH(check(directory_ / name), Catch::StartsWith("--output '") &&
                                                    Catch::Contains("is the same file as --input") &&
                                                    Catch::EndsWith("choose another path"));
  }
}

TEST_CASE_METHOD(PathsFixture, "Two outputs that are not there yet are compared where they will be") {
  for (const char* name : {"work/new.csv", "work/./new.csv", "alias/new.csv", "work/model/../new.csv",
                           "work/dangling.csv", "alias/dangling.csv"}) {
    INFO(name);
    CHECK_THROWS_WITH(check(directory_ / name), Catch::StartsWith("--rejects '") && Catch::Contains("--output"));
  }
}

TEST_CASE_METHOD(PathsFixture, "An output lies in no folder that is read, is none and holds none") {
  for (const char* name :
       {"work/model/config.json", "work/model/new/deep.csv", "work/model_link/x.csv", "alias/model/x.csv"}) {
    INFO(name);
    CHECK_THROWS_WITH(check(directory_ / name), Catch::Contains("lies in the model"));
  }
  for (const char* name : {"work/model", "work/model/", "work/model_link", "alias/model/."})
    CHECK_THROWS_WITH(check(directory_ / name), Catch::Contains("is the same as the model"));
  CHECK_THROWS_WITH(check(work_), Catch::Contains("holds"));
}

TEST_CASE_METHOD(PathsFixture, "A file that a folder has by a link is no output") {
  directory_.write("blobs/weights", "w");
  fs::create_symlink("../../blobs/weights", work_ / "model/model.safetensors");
  fs::create_hard_link(directory_ / "blobs/weights", directory_ / "blobs/same");
  CHECK_THROWS_WITH(check(directory_ / "blobs/weights"), Catch::Contains("is a file of the model"));
  CHECK_THROWS_WITH(check(directory_ / "blobs/same"), Catch::Contains("is a file of the model"));
  CHECK_THROWS_WITH(check(directory_ / "blobs"), Catch::Contains("holds a file of the model"));
  CHECK_NOTHROW(check(directory_ / "blobs/other"));
}

TEST_CASE_METHOD(PathsFixture, "Other paths and streams are let through") {
  for (const char* name : {"work/b.csv", "work/model.csv", "work/models/x.csv", "nowhere/a.csv"})
    CHECK_NOTHROW(check(directory_ / name));
  CHECK_NOTHROW(require_distinct_paths({.inputs = {{"--input", "-"}},
                                        .folders = {},
                                        .outputs = {{"--output", "-"}, {"--rejects", ""}, {"--more", ""}}}));
  CHECK_NOTHROW(require_distinct_paths(
      {.inputs = {{"--input", "/dev/null"}}, .folders = {}, .outputs = {{"a", "/dev/null"}, {"b", "/dev/null"}}}));
}

TEST_CASE_METHOD(PathsFixture, "Relative paths are those of the working directory") {
  const fs::path before = fs::current_path();
  fs::current_path(work_);
  CHECK_THROWS_AS(check("a.csv"), UsageError);
  CHECK_THROWS_AS(check("./new.csv"), UsageError);
  CHECK_NOTHROW(check("b.csv"));
  fs::current_path(before);
}

}  // namespace
}  // namespace llmtool
