#include "llmtool/tasks/task_table.h"

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

TEST_CASE("a planned task is known by name and refused by name") {
  const auto kind = enum_from_name<TaskKind>("regression");
  REQUIRE(kind.has_value());
  CHECK(find_task(*kind) == nullptr);
  CHECK(unsupported_task_message(*kind) ==
        "the task 'regression' is not supported yet; this version knows: classification, "
        "token_classification, masked_lm, causal_lm, contrastive");
}

TEST_CASE("classification is supported and an unknown name is no task") {
  CHECK(find_task(enum_from_name<TaskKind>("classification").value()) != nullptr);
  CHECK_FALSE(enum_from_name<TaskKind>("clasification").has_value());
}

}  // namespace
}  // namespace llmtool
