#include "llmtool/data/label_assignment.h"

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"

using namespace llmtool;
using Catch::Contains;

namespace {

RecordFile file_of(const std::vector<std::string>& labels) {
  RecordFile file;
  file.path = "train.csv";
  for (const std::string& label : labels) {
    const auto row = static_cast<std::int64_t>(file.records.size());
    file.records.push_back({.row = row, .line = row + 2, .text = "text", .text_pair = {}, .label = label});
  }
  return file;
}

std::string message_of(const RecordFile& file, const LabelSet& labels) {
  try {
    assign_labels(file, labels, UnknownLabel::kError);
  } catch (const DataError& error) {
    return error.what();
  }
  FAIL("no error");
  return "";
}

}  // namespace

TEST_CASE("listed labels fix the order before anything else") {
  const auto choice = choose_labels(file_of({"a", "b"}), {"c", "b", "a"}, LabelSet({"b", "a"}));
  CHECK(choice.labels.names() == std::vector<std::string>{"c", "b", "a"});
  CHECK(choice.origin == LabelOrigin::kConfig);
}

TEST_CASE("the head fixes the order when the training labels are its names") {
  const auto choice = choose_labels(file_of({"a", "b", "a"}), {}, LabelSet({"b", "a"}));
  CHECK(choice.labels.names() == std::vector<std::string>{"b", "a"});
  CHECK(choice.origin == LabelOrigin::kHead);
}

TEST_CASE("a head with other names is not kept") {
  for (const LabelSet& head : {LabelSet({"c", "b", "a"}), LabelSet({"a", "c"}), LabelSet()}) {
    const auto choice = choose_labels(file_of({"b", "a"}), {}, head);
    CHECK(choice.labels.names() == std::vector<std::string>{"a", "b"});
    CHECK(choice.origin == LabelOrigin::kNames);
  }
}

TEST_CASE("integer training labels are ordered by value") {
  const auto choice = choose_labels(file_of({"10", "9", "100"}), {}, LabelSet());
  CHECK(choice.labels.names() == std::vector<std::string>{"9", "10", "100"});
  CHECK(choice.origin == LabelOrigin::kIntegers);
}

TEST_CASE("the label set does not depend on the order of the rows") {
  CHECK(choose_labels(file_of({"b", "a", "c"}), {}, LabelSet()).labels ==
        choose_labels(file_of({"c", "b", "a", "a"}), {}, LabelSet()).labels);
}

TEST_CASE("training rows with a single label are refused even when more are listed") {
  CHECK_THROWS_WITH(choose_labels(file_of({"a", "a", "a"}), {}, LabelSet()),
                    Contains("train.csv: all 3 training rows have the label 'a'"));
  CHECK_THROWS_AS(choose_labels(file_of({"a"}), {"a", "b"}, LabelSet()), DataError);
  CHECK_THROWS_AS(choose_labels(file_of({}), {}, LabelSet()), DataError);
}

TEST_CASE("labels become ids by name and are counted") {
  const auto split = assign_labels(file_of({"b", "a", "b"}), LabelSet({"a", "b", "c"}), UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{1, 0, 1});
  CHECK(split.num_examples == std::vector<std::int64_t>{1, 2, 0});
  CHECK_FALSE(split.labels_are_ids);
}

TEST_CASE("integers are ids of labels that are no integers") {
  const auto split = assign_labels(file_of({"1", "0", "1"}), LabelSet({"negative", "positive"}), UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{1, 0, 1});
  CHECK(split.labels_are_ids);
}

TEST_CASE("integers are names where a label is an integer") {
  const auto split = assign_labels(file_of({"2", "1"}), LabelSet({"1", "2"}), UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{1, 0});
  CHECK_FALSE(split.labels_are_ids);
}

TEST_CASE("a file that mixes names and integers does not take the integers for ids") {
  CHECK_THAT(message_of(file_of({"negative", "1"}), LabelSet({"negative", "positive"})), Contains("'1' in 1 row"));
}

TEST_CASE("an id outside the label set is unknown") {
  CHECK_THAT(message_of(file_of({"0", "2"}), LabelSet({"negative", "positive"})),
             Contains("'2' in 1 row, first at line 3") && Contains("taken as ids from 0"));
  CHECK_THAT(message_of(file_of({"0", "-1"}), LabelSet({"negative", "positive"})), Contains("'-1'"));
}

TEST_CASE("unknown labels are listed all at once with count first line and nearest name") {
  const std::string message =
      message_of(file_of({"positive", "postive", "other", "postive"}), LabelSet({"negative", "positive"}));
  CHECK_THAT(message, Contains("train.csv: 2 labels are not among the 2 known ones ('negative', 'positive')"));
  CHECK_THAT(message, Contains("'postive' in 2 rows, first at line 3 (did you mean 'positive'?)"));
  CHECK_THAT(message, Contains("'other' in 1 row, first at line 4"));
  CHECK_THAT(message, Contains("data.unknown_label: skip"));
}

TEST_CASE("a long list of unknown labels is cut and says how many more there are") {
  std::vector<std::string> labels;
  for (int i = 0; i < 25; ++i) labels.push_back("label " + std::to_string(100 + i));
  const std::string message = message_of(file_of(labels), LabelSet({"a", "b"}));
  CHECK_THAT(message, Contains("'label 109'") && !Contains("'label 110'") && Contains("… and 15 more"));
}

TEST_CASE("rows with unknown labels are left out and counted when asked for") {
  const auto split = assign_labels(file_of({"a", "x", "b", "y"}), LabelSet({"a", "b"}), UnknownLabel::kSkip);
  CHECK(split.num_skipped == 2);
  CHECK(split.label_ids == std::vector<std::int64_t>{0, 1});
  REQUIRE(split.records.size() == 2);
  CHECK(split.records[1].row == 2);
}

TEST_CASE("a split with no row left is an error") {
  CHECK_THROWS_WITH(assign_labels(file_of({"x"}), LabelSet({"a", "b"}), UnknownLabel::kSkip),
                    Contains("no row has one of the known labels"));
}
