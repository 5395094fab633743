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

// What a decimal number is worth, written in one way only: "1" for 1, 01, 1.0 and 1e0. Nothing for other texts. Exact,
// however many digits there are.
std::optional<std::string> number_value(std::string_view text);

// The id that a number without a fraction is: 2 for "2", "02" and "2.0".
std::optional<std::int64_t> whole_number(std::string_view text);

// Finds labels by the names a file has for them.
class LabelNames {
 public:
  explicit LabelNames(const LabelSet& labels);

  // By name; names that read as numbers also by value, where one label alone has it.
  std::optional<std::int64_t> find(const std::string& text) const;
  // Names of the labels that are worth the same number as `text`.
  std::vector<std::string> of_equal_value(const std::string& text) const;
  // Whether a whole number in a file can be an id: no name reads as a number, and where every name has one number in it
  // ("1 star", "2 stars"), these are the ids themselves (LABEL_0, LABEL_1).
  bool can_be_ids() const;
  // Why not, for messages; "" when they can.
  std::string why_no_ids() const;

 private:
  const LabelSet& labels_;
  std::map<std::string, std::vector<std::string>> by_value_;  // the names that read as numbers
};

}  // namespace llmtool
