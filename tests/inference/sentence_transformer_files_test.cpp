#include "llmtool/inference/sentence_transformer_files.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {
namespace {

TEST_CASE("A folder's pooling is read as it was written") {
  for (const Pooling pooling : {Pooling::kCls, Pooling::kMean}) {
    const testing::TemporaryDirectory directory;
    CHECK_FALSE(stored_pooling(directory.path()));
    write_sentence_transformer_files(directory.path(), pooling, 32, 128);
    CHECK(stored_pooling(directory.path()) == pooling);
    const Json modules = read_json_file((directory.path() / "modules.json").string(), ExitCode::kInternal);
    CHECK(modules.size() == 3);
    CHECK(modules[1].at("path") == "1_Pooling");
  }
}

TEST_CASE("The one key of later versions is read as well") {
  const testing::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "1_Pooling");
  write_file_atomically(directory.path() / "1_Pooling" / "config.json",
                        R"({"embedding_dimension": 32, "pooling_mode": "cls", "include_prompt": true})");
  CHECK(stored_pooling(directory.path()) == Pooling::kCls);
}

TEST_CASE("A pooling that is not supported is refused by its name") {
  const testing::TemporaryDirectory directory;
  std::filesystem::create_directories(directory.path() / "1_Pooling");
  const auto file = directory.path() / "1_Pooling" / "config.json";
  write_file_atomically(file, R"({"pooling_mode_max_tokens": true})");
  CHECK_THROWS_WITH(stored_pooling(directory.path()),
                    Catch::Contains("pooling by 'max_tokens' is not supported") && Catch::Contains("--pooling"));
  write_file_atomically(file, R"({"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true})");
  CHECK_THROWS_WITH(stored_pooling(directory.path()), Catch::Contains("by 'cls' and 'mean'"));
}

}  // namespace
}  // namespace llmtool
