#include "llmtool/data/encoded_dataset.h"

#include <algorithm>
#include <unordered_map>

#include "llmtool/core/hashing.h"
#include "llmtool/data/encode_records.h"

namespace llmtool {

void EncodedDataset::finish_feature(std::int64_t example_id) {
  for (const auto& [name, column] : columns_) {
    const std::int64_t num_rows = std::visit([](const auto& typed) { return typed.size(); }, column);
    if (num_rows != num_features() + 1)
      throw std::logic_error("column '" + name + "' has " + std::to_string(num_rows) + " rows, expected " +
                             std::to_string(num_features() + 1));
  }
  example_ids_.push_back(example_id);
}

std::vector<std::string> EncodedDataset::column_names() const {
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.first);
  return names;
}

std::vector<std::int64_t> EncodedDataset::lengths(std::string_view column_name) const {
  const Column* column = find(column_name);
  if (column == nullptr) throw std::logic_error("the dataset has no column '" + std::string(column_name) + "'");
  std::vector<std::int64_t> result;
  result.reserve(example_ids_.size());
  for (std::int64_t feature = 0; feature < num_features(); ++feature)
    result.push_back(
        std::visit([&](const auto& typed) { return static_cast<std::int64_t>(typed.row(feature).size()); }, *column));
  return result;
}

const EncodedDataset::Column* EncodedDataset::find(std::string_view name) const {
  for (const auto& [column_name, column] : columns_)
    if (column_name == name) return &column;
  return nullptr;
}

namespace {

std::string_view bytes_of(std::span<const std::int32_t> row) {
  return {reinterpret_cast<const char*>(row.data()), row.size_bytes()};
}

}  // namespace

std::vector<std::int64_t> first_equal_features(const EncodedDataset& dataset) {
  const auto& input_ids = dataset.column<std::int32_t>(kInputIds);
  const auto& type_ids = dataset.column<std::int32_t>(kTokenTypeIds);
  const auto hash = [&](std::int64_t feature) {
    return stable_hash(bytes_of(type_ids.row(feature)), stable_hash(bytes_of(input_ids.row(feature))));
  };
  const auto equal = [&](std::int64_t left, std::int64_t right) {
    return std::ranges::equal(input_ids.row(left), input_ids.row(right)) &&
           std::ranges::equal(type_ids.row(left), type_ids.row(right));
  };
  std::unordered_multimap<std::uint64_t, std::int64_t> seen;
  std::vector<std::int64_t> firsts;
  for (std::int64_t feature = 0; feature < dataset.num_features(); ++feature) {
    const std::uint64_t key = hash(feature);
    const auto [begin, end] = seen.equal_range(key);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return equal(entry.second, feature); });
    firsts.push_back(found == end ? feature : found->second);
    if (found == end) seen.emplace(key, feature);
  }
  return firsts;
}

}  // namespace llmtool
