#include "llmtool/config/diff.h"

#include <catch2/catch.hpp>

#include "sample_options.h"

namespace llmtool {
namespace {

using testing::SampleOptions;

std::vector<std::string> differences(const SampleOptions& left, const SampleOptions& right,
                                     CompareScope scope = CompareScope::kEverything) {
  std::vector<std::string> texts;
  for (const FieldDifference& difference : diff_options(left, right, scope)) texts.push_back(difference.to_string());
  return texts;
}

TEST_CASE("Equal configs have no differences") { CHECK(differences(SampleOptions(), SampleOptions()).empty()); }

TEST_CASE("Differences are listed by path in the order of the fields") {
  SampleOptions right;
  right.data.text = {"a", "b"};
  right.training.epochs = 4;
  right.training.max_steps = 10;
  right.training.optimizer.schedule = SampleSchedule::kCosine;
  right.training.class_weights["good"] = 2.0;
  CHECK(differences(SampleOptions(), right) ==
        std::vector<std::string>{"data.text: [text] -> [a, b]", "training.epochs: 3 -> 4",
                                 "training.max_steps: not set -> 10", "training.optimizer.schedule: linear -> cosine",
                                 "training.class_weights: {} -> {good: 2.0}"});
}

TEST_CASE("A section that only one config has differs in its fields") {
  SampleOptions right;
  right.training.early_stopping.emplace();
  CHECK(differences(SampleOptions(), right) ==
        std::vector<std::string>{"training.early_stopping.patience: not set -> 2"});
  CHECK(differences(right, SampleOptions()) ==
        std::vector<std::string>{"training.early_stopping.patience: 2 -> not set"});
}

TEST_CASE("Fields that do not change what is computed can be left out") {
  SampleOptions right;
  right.output_dir = "elsewhere";
  CHECK(differences(SampleOptions(), right) == std::vector<std::string>{"output_dir: runs/sample -> elsewhere"});
  CHECK(differences(SampleOptions(), right, CompareScope::kWhatIsComputed).empty());
}

}  // namespace
}  // namespace llmtool
