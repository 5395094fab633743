#include "llmtool/generation/options.h"

#include <catch2/catch.hpp>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

TEST_CASE("Drawing and beams do not go together") {
  GenerationOptions options;
  options.do_sample = true;
  CHECK_NOTHROW(check_generation_options(options));
  options.num_beams = 2;
  CHECK_THROWS_WITH(check_generation_options(options), Catch::Contains("do not go together"));
}

TEST_CASE("What only changes drawing is refused without it") {
  GenerationOptions options;
  options.top_p = 0.9;
  CHECK_THROWS_AS(check_generation_options(options), ConfigError);
  CHECK_THROWS_WITH(check_generation_options(options), Catch::Contains("set do_sample: true"));
  options.do_sample = true;
  CHECK_NOTHROW(check_generation_options(options));
}

}  // namespace
}  // namespace llmtool
