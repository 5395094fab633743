#include "llmtool/tasks/task_table.h"

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

TEST_CASE("every kind of task is known by its name and has a row") {
  for (const auto& [kind, name] : EnumNames<TaskKind>::kNames) {
    CAPTURE(name);
    CHECK(enum_from_name<TaskKind>(name) == kind);
    CHECK(task_row(kind).kind == kind);
  }
}

TEST_CASE("an unknown name is no task") { CHECK_FALSE(enum_from_name<TaskKind>("clasification").has_value()); }

}  // namespace
}  // namespace llmtool
