#include "llmtool/optim/schedule.h"

#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/json.h"

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

}  // namespace
}  // namespace llmtool
