#include "llmtool/data/encoded_dataset.h"

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

}  // namespace llmtool
