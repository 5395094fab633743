#include "llmtool/data/split.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"

using namespace llmtool;

namespace {

RecordFile numbered_file(std::int64_t num_rows) {
  RecordFile file;
  file.path = "train.csv";
  file.sha256 = "abc";
  for (std::int64_t row = 0; row < num_rows; ++row)
    file.records.push_back({.row = row, .line = row + 2, .text = "review number " + std::to_string(row)});
  return file;
}

std::set<std::string> texts(const RecordFile& file) {
  std::set<std::string> result;
  for (const Record& record : file.records) result.insert(record.text);
  return result;
}

}  // namespace

TEST_CASE("a share takes about that part of the rows and every row is on one side") {
  const auto parts = split_by_share(numbered_file(10000), 0.1, 42);
  CHECK(parts.validation.records.size() > 900);
  CHECK(parts.validation.records.size() < 1100);
  CHECK(parts.training.records.size() + parts.validation.records.size() == 10000);
  CHECK(parts.training.sha256 == "abc");
  CHECK(parts.validation.path == "train.csv");
}

TEST_CASE("rows keep their order and numbers after a split") {
  const auto parts = split_by_share(numbered_file(500), 0.3, 1);
  for (const RecordFile* part : {&parts.training, &parts.validation})
    for (std::size_t i = 1; i < part->records.size(); ++i) CHECK(part->records[i - 1].row < part->records[i].row);
}

TEST_CASE("a row stays on its side when the file is reversed or grows") {
  const auto before = split_by_share(numbered_file(500), 0.2, 7);
  RecordFile file = numbered_file(900);
  std::reverse(file.records.begin(), file.records.end());
  const auto after = split_by_share(std::move(file), 0.2, 7);
  const auto validation = texts(after.validation);
  const auto training = texts(after.training);
  for (const Record& record : before.validation.records) CHECK(validation.count(record.text) == 1);
  for (const Record& record : before.training.records) CHECK(training.count(record.text) == 1);
}

TEST_CASE("a larger share only adds rows to validation") {
  const auto small = texts(split_by_share(numbered_file(1000), 0.1, 3).validation);
  const auto large = texts(split_by_share(numbered_file(1000), 0.3, 3).validation);
  CHECK(std::includes(large.begin(), large.end(), small.begin(), small.end()));
  CHECK(large.size() > small.size());
}

TEST_CASE("another seed splits differently") {
  CHECK(texts(split_by_share(numbered_file(1000), 0.1, 1).validation) !=
        texts(split_by_share(numbered_file(1000), 0.1, 2).validation));
}

TEST_CASE("equal texts stay on one side whatever their label") {
  RecordFile file = numbered_file(300);
  for (std::size_t i = 0; i < 300; ++i) {
    file.records[i].text = "text " + std::to_string(i % 30);
    file.records[i].labels = {i < 150 ? "a" : "b"};
  }
  const auto parts = split_by_share(std::move(file), 0.3, 5);
  for (const std::string& text : texts(parts.validation)) CHECK(texts(parts.training).count(text) == 0);
}

TEST_CASE("a pair is split by both of its texts") {
  std::set<bool> sides;
  for (int i = 0; i < 50; ++i) {
    Record record;
    record.text = "the same question";
    record.text_pair = "sentence " + std::to_string(i);
    record.has_pair = true;
    sides.insert(is_validation_record(record, 0.5, 9));
  }
  CHECK(sides.size() == 2);
}

TEST_CASE("empty texts are counted on their side") {
  RecordFile file = numbered_file(100);
  file.records[3].text = " \t";
  file.num_empty_texts = 1;
  const auto parts = split_by_share(std::move(file), 0.3, 5);
  CHECK(parts.training.num_empty_texts + parts.validation.num_empty_texts == 1);
}

TEST_CASE("a share that leaves a side empty is an error that says which") {
  RecordFile file = numbered_file(20);
  for (Record& record : file.records) record.text = "always the same";
  CHECK_THROWS_WITH(split_by_share(file, 1e-9, 1), Catch::Contains("no row for validation"));
  CHECK_THROWS_WITH(split_by_share(file, 0.999999999, 1), Catch::Contains("no row for training"));
  CHECK_THROWS_AS(split_by_share(file, 0.5, 1), DataError);
}
