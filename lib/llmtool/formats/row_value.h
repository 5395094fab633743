#pragma once

#include <concepts>
#include <string>
#include <type_traits>
#include <utility>

#include "llmtool/core/json.h"

namespace llmtool {

// A value that is written: one of this program, or the JSON text of one that was read and passes through, whose numbers
// keep their digits.
class RowValue {
 public:
  template <class Value>
  requires(!std::same_as<std::remove_cvref_t<Value>, RowValue> && std::constructible_from<Json, Value>)
      RowValue(Value&& value)
      : json_(std::forward<Value>(value)) {}

  static RowValue as_read(std::string json_text) {
    RowValue value(nullptr);
    value.json_text_ = std::move(json_text);
    return value;
  }

  void append_json(std::string& text) const;
  // As the text of a cell: strings as they are, null empty, everything else as JSON.
  std::string cell() const;
  // The value of this program; null for one that was read.
  const Json& json() const { return json_; }

  friend bool operator==(const RowValue& left, const RowValue& right) = default;

 private:
  Json json_;
  std::string json_text_;  // "": json_ is the value
};

}  // namespace llmtool
