#include "llmtool/core/errors.h"

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

TEST_CASE("A source position leaves out what is unknown") {
  CHECK(SourcePosition{"a.csv", 3, 7}.to_string() == "a.csv:3:7");
  CHECK(SourcePosition{"a.csv", 3}.to_string() == "a.csv:3");
  CHECK(SourcePosition{"a.csv"}.to_string() == "a.csv");
  CHECK(SourcePosition{"", 3, 7}.to_string() == "line 3:7");
  CHECK(SourcePosition{"a.csv", 0, 7}.to_string() == "a.csv");
}

TEST_CASE("Every class of error has its exit code") {
  CHECK(UsageError("x").exit_code() == ExitCode::kUsage);
  CHECK(ConfigError("x").exit_code() == ExitCode::kConfig);
  CHECK(DataError("x").exit_code() == ExitCode::kData);
  CHECK(ModelError("x").exit_code() == ExitCode::kModel);
  CHECK(ResourceError("x").exit_code() == ExitCode::kResources);
  CHECK(NonFiniteError("x").exit_code() == ExitCode::kNonFinite);
  CHECK(DeviceError("x").exit_code() == ExitCode::kDevice);
  CHECK(StoppedError("x").exit_code() == ExitCode::kStopped);
  CHECK(static_cast<int>(ExitCode::kStopped) == 75);
  CHECK(static_cast<int>(ExitCode::kQualityGate) == 9);
}

TEST_CASE("An error with a position starts with it") {
  CHECK(std::string(DataError({"a.csv", 2, 5}, "empty label").what()) == "a.csv:2:5: empty label");
}

TEST_CASE("Quoted names show control characters and invalid UTF-8 as escapes") {
  CHECK(quote("") == "''");
  CHECK(quote("caf\xc3\xa9 \xf0\x9f\x99\x82") == "'caf\xc3\xa9 \xf0\x9f\x99\x82'");
  CHECK(quote("a\nb\tc\rd") == "'a\\nb\\tc\\rd'");
  CHECK(quote(std::string_view("\x00\x1b\x7f", 3)) == "'\\x00\\x1b\\x7f'");
  CHECK(quote("\xff\xc3") == "'\\xff\\xc3'");
  CHECK(quote("\xc3(") == "'\\xc3('");
}

TEST_CASE("Quoted names are cut after eighty code points") {
  std::string long_name;
  for (int i = 0; i < 80; ++i) long_name += "\xc3\xa9";
  CHECK(quote(long_name) == "'" + long_name + "'");
  CHECK(quote(long_name + "x") == "'" + long_name + "\xe2\x80\xa6'");
}

TEST_CASE("The nearest name is found by edit distance") {
  const std::vector<std::string> names{"epochs", "batch_size", "seed", "learning_rate"};
  CHECK(nearest_name("epoch", names) == "epochs");
  CHECK(nearest_name("batchsize", names) == "batch_size");
  CHECK(nearest_name("learnign_rate", names) == "learning_rate");
  CHECK(nearest_name("sede", names) == "seed");
  CHECK(nearest_name("seed", names) == "seed");
}

TEST_CASE("A name far from all others has no nearest name") {
  CHECK(nearest_name("frobnicate", {"epochs", "seed"}).empty());
  CHECK(nearest_name("ab", {"cd"}).empty());
  CHECK(nearest_name("fp8", {"fp32", "bf16"}).empty());
  CHECK(nearest_name("", {"a"}).empty());
  CHECK(nearest_name("a", {}).empty());
}

}  // namespace
}  // namespace llmtool
