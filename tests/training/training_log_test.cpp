#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/training/run_report.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("Figures are written as one JSON object a line and are there at once") {
  const TemporaryDirectory directory;
  const auto log = make_metrics_file_log(directory / "metrics.jsonl");
  log->start_after(0);
  log->add(10, 0.5, {{"loss", 0.25}, {"learning_rate", 1e-4}});
  CHECK(testing::read_file(directory / "metrics.jsonl") ==
        "{\"step\":10,\"epoch\":0.5,\"loss\":0.25,\"learning_rate\":0.0001}\n");
}

TEST_CASE("A continued run drops the lines of steps it does again") {
  const TemporaryDirectory directory;
  directory.write("metrics.jsonl", "{\"step\":10,\"loss\":1}\n{\"step\":20,\"loss\":2}\n{\"step\":30,\"lo");
  const auto log = make_metrics_file_log(directory / "metrics.jsonl");
  log->start_after(15);
  log->add(20, 1.0, {{"loss", 3.0}});
  CHECK(testing::read_file(directory / "metrics.jsonl") ==
        "{\"step\":10,\"loss\":1}\n{\"step\":20,\"epoch\":1.0,\"loss\":3.0}\n");
}

TEST_CASE("A run started anew drops all lines") {
  const TemporaryDirectory directory;
  directory.write("metrics.jsonl", "{\"step\":10,\"loss\":1}\n");
  make_metrics_file_log(directory / "metrics.jsonl")->start_after(0);
  CHECK(testing::read_file(directory / "metrics.jsonl").empty());
}

}  // namespace
}  // namespace llmtool
