#include "llmtool/tasks/task_table.h"

#include <catch2/catch.hpp>

namespace llmtool {
namespace {

TEST_CASE("every kind of task is known by its name and has a row") {
  for (const auto& [kind, name] : EnumNames<TaskKind>::kNames) {
    CAPTURE(name);
    CHECK(enum_from_name<TaskKind>(name) == kind);
  }
}

TEST_CASE("classification is supported and an unknown name is no task") {
  CHECK(find_task(enum_from_name<TaskKind>("classification").value()) != nullptr);
  CHECK_FALSE(enum_from_name<TaskKind>("clasification").has_value());
}

}  // namespace
}  // namespace llmtool
