#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"
#include "llmtool/optim/options.h"

namespace llmtool {
namespace {

TEST_CASE("Schedules equal those of transformers at every step") {
  for (const Json& golden : read_json_file(testing::fixture("optim/schedules.json").string(), ExitCode::kInternal)) {
    INFO(golden.at("name") << " warmup " << golden.at("warmup"));
    ScheduleOptions options;
    options.name = enum_from_name<ScheduleKind>(golden.at("name").get<std::string>()).value();
    options.warmup = Warmup::from_json(golden.at("warmup"));
    const Schedule schedule(options, golden.at("peak").get<double>(), golden.at("total_steps").get<std::int64_t>());
    CHECK(schedule.warmup_steps() == golden.at("warmup_steps").get<std::int64_t>());
    std::int64_t step = 0;
    for (const Json& rate : golden.at("learning_rates"))
      CHECK(schedule.learning_rate(step++) == Approx(rate.get<double>()).epsilon(1e-12).margin(1e-18));
  }
}

TEST_CASE("Warm-up below one is a share rounded up and from one on a number of steps") {
  CHECK(Warmup{0.0}.steps(100) == 0);
  CHECK(Warmup{0.1}.steps(101) == 11);
  CHECK(Warmup{1.0}.steps(100) == 1);
  CHECK(Warmup{250.0}.steps(100) == 250);
}

TEST_CASE("Warm-up survives a round trip through JSON") {
  for (const Json& json : {Json(0.25), Json(0.0), Json(1), Json(500)}) CHECK(Warmup::from_json(json).to_json() == json);
}

TEST_CASE("Warm-up refuses negative values and steps that are not whole") {
  for (const Json& json : {Json(-0.1), Json(1.5), Json("10%"), Json(true), Json(1e300)})
    CHECK_THROWS_AS(Warmup::from_json(json), ValueError);
}

}  // namespace
}  // namespace llmtool
