#include "llmtool/tasks/task_kind.h"

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

TEST_CASE("a planned task is known by name and refused by name") {
  const auto kind = enum_from_name<TaskKind>("regression");
  REQUIRE(kind.has_value());
  CHECK_FALSE(is_supported(*kind));
  CHECK(unsupported_task_message(*kind) ==
        "the task 'regression' is not supported yet; this version knows: classification, masked_lm, causal_lm, "
        "contrastive");
}

TEST_CASE("classification is supported and an unknown name is no task") {
  CHECK(is_supported(enum_from_name<TaskKind>("classification").value()));
  CHECK_FALSE(enum_from_name<TaskKind>("clasification").has_value());
}

}  // namespace
}  // namespace llmtool
