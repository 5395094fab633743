#include "llmtool/data/options.h"

#include <catch2/catch.hpp>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/json.h"

using namespace llmtool;

namespace {

class CollectedErrors : public FieldErrors {
 public:
  void add(const std::string& field, const std::string& message) override { fields.push_back(field + ": " + message); }
  std::vector<std::string> fields;
};

DataOptions sound_options() {
  DataOptions options;
  options.train = {"train.csv"};
  return options;
}

std::vector<std::string> problems(const DataOptions& options) {
  CollectedErrors errors;
  options.check(errors);
  return errors.fields;
}

void check_problem(const DataOptions& options, const std::string& expected) {
  const auto found = problems(options);
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0], Catch::Contains(expected));
}

}  // namespace

TEST_CASE("the defaults of the data section are sound") { CHECK(problems(sound_options()).empty()); }

TEST_CASE("there is at least one training file") {
  DataOptions options = sound_options();
  options.train = {};
  check_problem(options, "train: name at least one file");
}

TEST_CASE("texts are one to three different columns") {
  DataOptions options = sound_options();
  options.text = {"question", "sentence"};
  CHECK(problems(options).empty());
  options.text = {"text", "positive", "negative"};
  CHECK(problems(options).empty());
  options.text = {};
  check_problem(options, "text: name one to three columns");
  options.text = {"a", "b", "c", "d"};
  check_problem(options, "there are 4");
  options.text = {"a", "a"};
  check_problem(options, "column 'a' is named twice");
  options.text = {""};
  check_problem(options, "the column's name is empty");
}

TEST_CASE("the label may not be a text column") {
  DataOptions options = sound_options();
  options.label = {"text"};
  check_problem(options, "label: column 'text' is both text and label");
}

TEST_CASE("without header columns are positions") {
  DataOptions options = sound_options();
  options.header = false;
  CHECK(problems(options).size() == 2);
  options.text = {"0"};
  options.label = {"12"};
  CHECK(problems(options).empty());
  options.label = {"01"};
  check_problem(options, "'01' is none");
  options.label = {"-1"};
  check_problem(options, "'-1' is none");
}

TEST_CASE("listed labels are at least two and different") {
  DataOptions options = sound_options();
  options.labels = {"b", "a"};
  CHECK(problems(options).empty());
  options.labels = {"a"};
  check_problem(options, "at least two");
  options.labels = {"a", "b", "a"};
  check_problem(options, "'a' is listed twice");
  options.labels = {"a", ""};
  check_problem(options, "empty");
}

TEST_CASE("a validation part is a share or a file and reads back as it was written") {
  const ShareOrFile share = ShareOrFile::from_json(0.25);
  CHECK(share.share == 0.25);
  CHECK(ShareOrFile::from_json(share.to_json()) == share);
  const ShareOrFile file = ShareOrFile::from_json("dev.csv");
  CHECK_FALSE(file.share);
  CHECK(file.file == "dev.csv");
  CHECK(ShareOrFile::from_json(file.to_json()) == file);
}

TEST_CASE("a share is strictly between 0 and 1") {
  for (const Json& bad : {Json(0), Json(0.0), Json(1), Json(1.0), Json(-0.1), Json(20), Json(""), Json(true), Json()}) {
    INFO(bad.dump());
    CHECK_THROWS_AS(ShareOrFile::from_json(bad), ValueError);
  }
}
