#include <catch2/catch.hpp>

#include "../support/temporary_directory.h"
#include "llmtool/core/errors.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {
namespace {

using testing::TemporaryDirectory;

TEST_CASE("columns default to text and label for a model this tool did not train") {
  const TemporaryDirectory directory;
  const ColumnChoice choice = resolve_columns({}, directory.path());
  CHECK(choice.text == std::vector<std::string>{"text"});
  CHECK(choice.label == std::vector<std::string>{"label"});
  CHECK(choice.header == true);
}

TEST_CASE("columns default to those the model was trained with") {
  const TemporaryDirectory directory;
  directory.write("llmtool.lock.json",
                  R"({"config": {"data": {"text": ["question", "sentence"], "label": "same", "header": false}}})");
  const ColumnChoice choice = resolve_columns({}, directory.path());
  CHECK(choice.text == std::vector<std::string>{"question", "sentence"});
  CHECK(choice.label == std::vector<std::string>{"same"});
  CHECK(choice.header == false);
}

TEST_CASE("columns that are asked for win over those trained with") {
  const TemporaryDirectory directory;
  directory.write("llmtool.lock.json", R"({"config": {"data": {"text": "review", "label": "stars"}}})");
  const ColumnChoice choice = resolve_columns({true, {"comment"}, {}}, directory.path());
  CHECK(choice.text == std::vector<std::string>{"comment"});
  CHECK(choice.label == std::vector<std::string>{"stars"});
}

TEST_CASE("a damaged run record is an error of the model folder") {
  const TemporaryDirectory directory;
  directory.write("llmtool.lock.json", "{");
  CHECK_THROWS_WITH(resolve_columns({}, directory.path()), Catch::Contains("llmtool.lock.json"));
  directory.write("llmtool.lock.json", R"({"config": {"data": []}})");
  CHECK_THROWS_AS(resolve_columns({}, directory.path()), ModelError);
}

}  // namespace
}  // namespace llmtool
