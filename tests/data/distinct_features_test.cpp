#include <catch2/catch.hpp>
#include <vector>

#include "llmtool/data/encoded_dataset.h"

using namespace llmtool;

namespace {

void append(EncodedDataset& dataset, const std::vector<std::int32_t>& ids, const std::vector<std::int32_t>& types) {
  dataset.column<std::int32_t>(kInputIds).append(ids);
  dataset.column<std::int32_t>(kTokenTypeIds).append(types);
  dataset.finish_feature(dataset.num_features());
}

}  // namespace

TEST_CASE("a feature points to the first one with the same ids and types") {
  EncodedDataset dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  append(dataset, {1, 2}, {0, 0});
  append(dataset, {1, 2}, {0, 1});
  append(dataset, {1, 2}, {0, 0});
  append(dataset, {1}, {0});
  append(dataset, {1, 2}, {0, 1});
  CHECK(first_equal_features(dataset) == std::vector<std::int64_t>{0, 1, 0, 3, 1});
}
