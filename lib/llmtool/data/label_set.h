#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace llmtool {

// The labels of a model: names with ids from 0, in a fixed order.
class LabelSet {
 public:
  LabelSet() = default;
  // Throws DataError when a name is empty or given twice.
  explicit LabelSet(std::vector<std::string> names);

  std::int64_t size() const { return static_cast<std::int64_t>(names_.size()); }
  const std::string& name(std::int64_t id) const { return names_.at(static_cast<std::size_t>(id)); }
  const std::vector<std::string>& names() const { return names_; }
  std::optional<std::int64_t> find(std::string_view name) const;

  friend bool operator==(const LabelSet& left, const LabelSet& right) { return left.names_ == right.names_; }

 private:
  std::vector<std::string> names_;
  std::map<std::string, std::int64_t, std::less<>> ids_;
};

// The integer a label is written as: decimal digits without leading zeros, optionally a minus; else nothing.
std::optional<std::int64_t> integer_label(std::string_view text);

// Label names in the order they get ids when nothing else fixes it: by value when all are integers, else by code point.
LabelSet ordered_labels(std::vector<std::string> distinct_names);

}  // namespace llmtool
