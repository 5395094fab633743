#include "llmtool/data/encoded_dataset.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>
#include <vector>

using namespace llmtool;

namespace {

EncodedDataset two_windows_of_one_example() {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>("input_ids");
  dataset.add_column<float>("target");
  for (const std::vector<std::int32_t>& ids : {std::vector<std::int32_t>{1, 2, 3}, std::vector<std::int32_t>{}}) {
    dataset.column<std::int32_t>("input_ids").append(ids);
    dataset.column<float>("target").append(std::vector<float>{0.5f});
    dataset.finish_feature(17);
  }
  return dataset;
}

}  // namespace

TEST_CASE("features have named rows of their own length and the example they came from") {
  const EncodedDataset dataset = two_windows_of_one_example();
  CHECK(dataset.num_features() == 2);
  CHECK(dataset.example_id(1) == 17);
  CHECK(dataset.lengths("input_ids") == std::vector<std::int64_t>{3, 0});
  CHECK(dataset.column<std::int32_t>("input_ids").row(0)[2] == 3);
  CHECK(dataset.column<std::int32_t>("input_ids").row(1).empty());
  CHECK(dataset.column<float>("target").row(1)[0] == 0.5f);
  CHECK(dataset.column_names() == std::vector<std::string>{"input_ids", "target"});
}

TEST_CASE("a feature needs exactly one row of every column") {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>("input_ids");
  CHECK_THROWS_AS(dataset.finish_feature(0), std::logic_error);
  dataset.column<std::int32_t>("input_ids").append(std::vector<std::int32_t>{1});
  dataset.column<std::int32_t>("input_ids").append(std::vector<std::int32_t>{2});
  CHECK_THROWS_AS(dataset.finish_feature(0), std::logic_error);
}

TEST_CASE("a column is found by name and type only and cannot be added late or twice") {
  EncodedDataset dataset = two_windows_of_one_example();
  CHECK_THROWS_AS(dataset.column<std::int64_t>("input_ids"), std::logic_error);
  CHECK_THROWS_AS(dataset.column<float>("label"), std::logic_error);
  CHECK_THROWS_AS(dataset.lengths("label"), std::logic_error);
  CHECK_THROWS_AS(dataset.add_column<float>("label"), std::logic_error);
  EncodedDataset fresh;
  fresh.add_column<float>("label");
  CHECK_THROWS_AS(fresh.add_column<std::int64_t>("label"), std::logic_error);
  CHECK(fresh.has_column("label"));
  CHECK_FALSE(fresh.has_column("text"));
}
