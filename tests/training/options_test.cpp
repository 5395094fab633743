#include "llmtool/training/options.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {
namespace {

struct CollectedErrors : FieldErrors {
  std::vector<std::string> fields;
  void add(const std::string& field, const std::string&) override { fields.push_back(field); }
};

template <class Options>
std::vector<std::string> broken_fields(const Options& options) {
  CollectedErrors errors;
  options.check(errors);
  return errors.fields;
}

TEST_CASE("Precisions that are not supported yet are refused by name") {
  TrainingOptions options;
  for (const auto precision : {Precision::kAuto, Precision::kFp32, Precision::kBf16}) {
    options.precision = precision;
    CHECK(broken_fields(options).empty());
  }
  options.precision = Precision::kFp16;
  CHECK(broken_fields(options) == std::vector<std::string>{"precision"});
}

TEST_CASE("Early stopping without evaluations is refused") {
  EvaluationOptions options;
  options.early_stopping = EarlyStoppingOptions{};
  CHECK(broken_fields(options).empty());
  options.every.kind = EvaluationInterval::Kind::kNever;
  CHECK(broken_fields(options) == std::vector<std::string>{"early_stopping"});
}

TEST_CASE("Durations are read with their unit and written in the largest that is whole") {
  CHECK(Duration::from_json("90s").seconds == 90);
  CHECK(Duration::from_json("15m").seconds == 900);
  CHECK(Duration::from_json("2h").seconds == 7200);
  CHECK(Duration::from_json("3d").seconds == 259200);
  CHECK(Duration{90}.to_json() == "90s");
  CHECK(Duration{7200}.to_json() == "2h");
}

TEST_CASE("Durations without unit or out of range are refused") {
  for (const Json& json : {Json("15"), Json("m"), Json(""), Json("-5m"), Json("0s"), Json("1.5h"), Json("15 m"),
                           Json("99999999999999999999d"), Json("9999d"), Json(15), Json(nullptr)})
    CHECK_THROWS_AS(Duration::from_json(json), ValueError);
}

TEST_CASE("Evaluation intervals survive a round trip through JSON") {
  for (const Json& json : {Json("epoch"), Json("never"), Json(500)})
    CHECK(EvaluationInterval::from_json(json).to_json() == json);
  for (const Json& json : {Json("15m"), Json(0), Json(-1), Json(1.5), Json(UINT64_MAX), Json(true)})
    CHECK_THROWS_AS(EvaluationInterval::from_json(json), ValueError);
}

TEST_CASE("Checkpoint intervals survive a round trip through JSON") {
  for (const Json& json : {Json("epoch"), Json("15m"), Json("2h"), Json(500)})
    CHECK(CheckpointInterval::from_json(json).to_json() == json);
  for (const Json& json : {Json("never"), Json(0), Json(2.5), Json("15"), Json(false)})
    CHECK_THROWS_AS(CheckpointInterval::from_json(json), ValueError);
}

}  // namespace
}  // namespace llmtool
