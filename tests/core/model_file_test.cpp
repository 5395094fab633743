#include <sys/stat.h>

#include <catch2/catch.hpp>
#include <string>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

constexpr const char* kPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 9\n";

TEST_CASE("A file of a model folder is read whole, and a larger one than the limit is refused") {
  const TemporaryDirectory directory;
  const auto path = directory.write("vocab.txt", "abcd");
  CHECK(read_model_file(path) == "abcd");
  CHECK(read_model_file(path, 4) == "abcd");
  CHECK_THROWS_WITH(read_model_file(path, 3), Catch::Contains("vocab.txt") && Catch::Contains("more than 3 bytes"));
  CHECK_THROWS_AS(read_model_file(directory / "missing"), ResourceError);
}

TEST_CASE("A Git LFS pointer is named for what it is, in place of any file of a model folder") {
  const TemporaryDirectory directory;
  const auto path = directory.write("tokenizer.json", kPointer);
  const auto says = Catch::Contains(
      "tokenizer.json: this is a Git LFS pointer, not the file itself; fetch the real file "
      "(git lfs pull)");
  CHECK_THROWS_AS(read_model_file(path), ModelError);
  CHECK_THROWS_WITH(read_model_file(path), says);
  CHECK_THROWS_WITH(read_json_file(path.string(), ExitCode::kModel), says);
}

TEST_CASE("A FIFO and a device in a model folder are refused instead of waited for") {
  const TemporaryDirectory directory;
  REQUIRE(mkfifo((directory / "tokenizer.json").c_str(), 0600) == 0);
  CHECK_THROWS_WITH(read_model_file(directory / "tokenizer.json"), Catch::Contains("tokenizer.json: is a FIFO"));
  std::filesystem::create_symlink("/dev/zero", directory / "vocab.txt");
  CHECK_THROWS_WITH(read_model_file(directory / "vocab.txt"), Catch::Contains("vocab.txt: is a device"));
}

TEST_CASE("A JSON file of a model folder may not hold more values than any needs") {
  const TemporaryDirectory directory;
  std::string text = "[0";
  for (std::size_t i = 2; i < kMostModelValues; ++i) text += ",0";
  const auto path = directory.write("tokenizer.json", text + "]");
  CHECK(read_json_file(path.string(), ExitCode::kModel).size() == kMostModelValues - 1);
  directory.write("tokenizer.json", text + ",0]");
  CHECK_THROWS_WITH(read_json_file(path.string(), ExitCode::kModel),
                    Catch::Contains("more than 8388608 values, the most that are read"));
}

}  // namespace
}  // namespace llmtool
