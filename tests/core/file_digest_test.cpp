#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;
using testing::TemporaryDirectory;

FileDigests digests_of(const TemporaryDirectory& directory, std::initializer_list<const char*> names) {
  FileDigests digests;
  for (const char* name : names) digests[name] = digest_of_file(directory / name);
  return digests;
}

TEST_CASE("Files are ok, damaged or missing") {
  const TemporaryDirectory directory;
  for (const char* name : {"same", "longer", "other", "gone", "folder"}) directory.write(name, "content");
  const FileDigests digests = digests_of(directory, {"folder", "gone", "longer", "other", "same"});
  directory.write("longer", "content and more");
  directory.write("other", "kontent");
  fs::remove(directory / "gone");
  fs::remove(directory / "folder");
  fs::create_directory(directory / "folder");
  const auto files = check_files(directory.path(), digests);
  REQUIRE(files.size() == 5);
  CHECK(files[0].state == FileState::kDamaged);
  CHECK(files[1].state == FileState::kMissing);
  CHECK(files[1].problem == "gone is missing");
  CHECK(files[2].problem == "longer is 16 bytes, expected 7");
  CHECK_THAT(files[3].problem, Catch::Contains("SHA-256 differs"));
  CHECK(files[4].state == FileState::kOk);
  CHECK(files[4].problem.empty());
}

TEST_CASE("Digests come back from JSON") {
  const TemporaryDirectory directory;
  directory.write("a/b", "content");
  const FileDigests digests = digests_of(directory, {"a/b"});
  const FileDigests again = file_digests_from_json(to_json(digests), "list");
  REQUIRE(again.size() == 1);
  CHECK(again.at("a/b").size == 7);
  CHECK(again.at("a/b").sha256 == digests.at("a/b").sha256);
}

TEST_CASE("What is no list of files in a folder is refused") {
  const Json entry{{"size", 1}, {"sha256", "00"}};
  for (const char* outside : {"../a", "/a", "a/../../b", ""})
    CHECK_THROWS_WITH(file_digests_from_json({{outside, entry}}, "list"), Catch::Contains("outside of the folder"));
  for (const Json& wrong : {Json(3), Json{{"size", 1}}, Json{{"sha256", "00"}}, Json{{"size", "1"}, {"sha256", "00"}}})
    CHECK_THROWS_AS(file_digests_from_json({{"a", wrong}}, "list"), ModelError);
  CHECK_THROWS_AS(file_digests_from_json(Json::array(), "list"), ModelError);
}

}  // namespace
}  // namespace llmtool
