#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace llmtool {

// Rows of different lengths, one after another.
template <class T>
class RaggedColumn {
 public:
  std::int64_t size() const { return static_cast<std::int64_t>(offsets_.size()) - 1; }
  std::span<const T> row(std::int64_t index) const {
    const auto begin = static_cast<std::size_t>(offsets_.at(static_cast<std::size_t>(index)));
    const auto end = static_cast<std::size_t>(offsets_.at(static_cast<std::size_t>(index) + 1));
    return std::span<const T>(values_).subspan(begin, end - begin);
  }
  std::span<const T> values() const { return values_; }
  void append(std::span<const T> row) {
    values_.insert(values_.end(), row.begin(), row.end());
    offsets_.push_back(static_cast<std::int64_t>(values_.size()));
  }

 private:
  std::vector<T> values_;
  std::vector<std::int64_t> offsets_{0};  // [rows + 1]
};

// What a model is fed: features (rows of numbers under names) and the example each one came from. An example may have
// several features (windows of a long text) or none. Built front to back, never changed.
class EncodedDataset {
 public:
  // Adds an empty column. Throws std::logic_error for a name already there, and after the first feature.
  template <class T>
  void add_column(std::string name) {
    if (num_features() > 0) throw std::logic_error("column '" + name + "' added after the first feature");
    if (has_column(name)) throw std::logic_error("column '" + name + "' added twice");
    columns_.emplace_back(std::move(name), RaggedColumn<T>());
  }
  // The column to append one row to before each finish_feature(). Throws std::logic_error for an unknown name or type.
  template <class T>
  RaggedColumn<T>& column(std::string_view name) {
    return const_cast<RaggedColumn<T>&>(std::as_const(*this).template column<T>(name));
  }
  template <class T>
  const RaggedColumn<T>& column(std::string_view name) const {
    if (const Column* column = find(name))
      if (const auto* typed = std::get_if<RaggedColumn<T>>(column)) return *typed;
    throw std::logic_error("the dataset has no column '" + std::string(name) + "' of this type");
  }
  // Closes a feature. Throws std::logic_error unless every column got exactly one more row.
  void finish_feature(std::int64_t example_id);

  std::int64_t num_features() const { return static_cast<std::int64_t>(example_ids_.size()); }
  std::int64_t example_id(std::int64_t feature) const { return example_ids_.at(static_cast<std::size_t>(feature)); }
  std::vector<std::string> column_names() const;
  bool has_column(std::string_view name) const { return find(name) != nullptr; }
  // Number of values of each feature in a column.
  std::vector<std::int64_t> lengths(std::string_view column_name) const;

 private:
  using Column = std::variant<RaggedColumn<std::int32_t>, RaggedColumn<std::int64_t>, RaggedColumn<float>>;

  const Column* find(std::string_view name) const;

  std::vector<std::pair<std::string, Column>> columns_;
  std::vector<std::int64_t> example_ids_;  // [features]
};

// For every feature the first one with the same token ids and types: itself unless it is a repetition.
std::vector<std::int64_t> first_equal_features(const EncodedDataset& dataset);

}  // namespace llmtool
