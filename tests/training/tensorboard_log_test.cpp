#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/training/run_report.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("The TensorBoard log carries the tags transformers uses") {
  const TemporaryDirectory directory;
  std::vector<std::unique_ptr<TrainingLog>> logs;
  logs.push_back(make_tensorboard_log(directory.path()));
  const auto log = join_logs(std::move(logs));
  log->start_after(0);
  log->add(10, 0.5, {{"loss", 0.25}, {"eval_accuracy", 0.75}});
  std::string content;
  for (const auto& entry : std::filesystem::directory_iterator(directory.path())) {
    CHECK(entry.path().filename().string().rfind("events.out.tfevents.", 0) == 0);
    content += testing::read_file(entry.path());
  }
  CHECK_THAT(content, Catch::Contains("train/loss") && Catch::Contains("eval/accuracy"));
}

}  // namespace
}  // namespace llmtool
