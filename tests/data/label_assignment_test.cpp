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
    file.records.push_back({.row = row,
                            .line = row + 2,
                            .text = "text",
                            .text_pair = {},
                            .labels = label.empty() ? std::vector<std::string>{} : std::vector<std::string>{label}});
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
                    Contains("train.csv: the only label in the 3 training rows is 'a'"));
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

TEST_CASE("labels that are numbers are compared by value") {
  const LabelSet halves({"1.0", "2.0"});
  auto split = assign_labels(file_of({"1", "2", "02", "1e0", "1.0"}), halves, UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{0, 1, 1, 0, 0});
  CHECK_FALSE(split.labels_are_ids);
  split = assign_labels(file_of({"1"}), halves, UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{0});
  split = assign_labels(file_of({"1", "2"}), LabelSet({"01", "02", "03"}), UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{0, 1});
  CHECK_THAT(message_of(file_of({"3"}), halves), Contains("'3' in 1 row"));
}

TEST_CASE("of labels that are the same number only the exact name is taken") {
  const LabelSet labels({"1", "1.0", "2"});
  CHECK(assign_labels(file_of({"1.0", "1", "2.0"}), labels, UnknownLabel::kError).label_ids ==
        std::vector<std::int64_t>{1, 0, 2});
  CHECK_THAT(message_of(file_of({"1", "01"}), labels),
             Contains("'01' in 1 row") && Contains("the same number as '1', '1.0': which one is meant?"));
}

TEST_CASE("integers are no ids where the names have numbers of their own") {
  CHECK_THAT(message_of(file_of({"1", "2"}), LabelSet({"1 star", "2 stars"})),
             Contains("'1' in 1 row") && Contains("the names have numbers of their own"));
  const auto split = assign_labels(file_of({"1", "0"}), LabelSet({"LABEL_0", "LABEL_1"}), UnknownLabel::kError);
  CHECK(split.labels_are_ids);
  CHECK(assign_labels(file_of({"1"}), LabelSet({"covid19", "flu"}), UnknownLabel::kError).labels_are_ids);
}

TEST_CASE("ids may be written as numbers without a fraction") {
  const auto split = assign_labels(file_of({"1.0", "0.0"}), LabelSet({"bad", "good"}), UnknownLabel::kError);
  CHECK(split.label_ids == std::vector<std::int64_t>{1, 0});
  CHECK(split.labels_are_ids);
  CHECK(describe_label_ids("a.csv", LabelSet({"bad", "good"})) ==
        "the labels of a.csv are whole numbers and were taken as ids: 0 is 'bad', 1 is 'good'");
}

TEST_CASE("the head is kept when the training labels are its numbers written otherwise") {
  const auto choice = choose_labels(file_of({"1", "2"}), {}, LabelSet({"2.0", "1.0"}));
  CHECK(choice.labels.names() == std::vector<std::string>{"2.0", "1.0"});
  CHECK(choice.origin == LabelOrigin::kHead);
  CHECK(choose_labels(file_of({"1", "1.0", "2"}), {}, LabelSet({"2.0", "1.0"})).origin == LabelOrigin::kNames);
}

TEST_CASE("rows without a label are left out and counted like those of unknown labels") {
  const auto split = assign_labels(file_of({"0", "", "1"}), LabelSet({"a", "b"}), UnknownLabel::kSkip);
  CHECK(split.label_ids == std::vector<std::int64_t>{0, 1});
  CHECK(split.num_skipped == 1);
  CHECK(split.labels_are_ids);
  CHECK(choose_labels(file_of({"b", "", "a"}), {}, LabelSet()).labels.names() == std::vector<std::string>{"a", "b"});
  CHECK_THROWS_WITH(choose_labels(file_of({"", ""}), {}, LabelSet()), Contains("no training row has a label"));
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
