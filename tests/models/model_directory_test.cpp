#include "llmtool/models/model_directory.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "golden_model.h"

namespace llmtool {
namespace {

using testing::model_error;

TEST_CASE("A hub name instead of a folder is told that nothing is downloaded and what to do") {
  for (const char* name : {"bert-base-uncased", "google-bert/bert-base-uncased"}) {
    const std::string message = model_error([&] { require_model_directory(name); });
    CHECK(message.find("nothing is downloaded") != std::string::npos);
    CHECK(message.find("hf download " + std::string(name) + " --local-dir DIR") != std::string::npos);
  }
}

TEST_CASE("A mistyped path is not taken for a hub name") {
  const std::string message = model_error([] { require_model_directory("/no/such/folder"); });
  CHECK(message == "there is no model folder '/no/such/folder'");
}

TEST_CASE("A file instead of a folder and a folder without config are refused") {
  const testing::TemporaryDirectory directory;
  directory.write("weights.bin", "x");
  CHECK(model_error([&] { require_model_directory(directory / "weights.bin"); }).find("is a file") !=
        std::string::npos);
  CHECK(model_error([&] { read_model_config(directory.path()); }).find("has no config.json") != std::string::npos);
  directory.write("config.json", "[1]");
  CHECK(model_error([&] { read_model_config(directory.path()); }).find("must be a JSON object") != std::string::npos);
}

}  // namespace
}  // namespace llmtool
