#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "llmtool/core/fields.h"
#include "llmtool/core/option_form.h"

namespace llmtool {

// The rules given to visit(name, member, help, rules...), gathered into one value.
struct FieldRules {
  bool required = false;
  bool scalar_or_list = false;
  bool path_text = false;
  bool not_compared = false;
  std::optional<Range<std::int64_t>> integers;  // inclusive limits, as they were given
  std::optional<Range<double>> numbers;
  OptionForm option;

  void apply(const Required&) { required = true; }
  void apply(const ScalarOrList&) { scalar_or_list = true; }
  void apply(const PathText&) { path_text = true; }
  void apply(const NotCompared&) { not_compared = true; }
  void apply(const OptionForm& form) { option = form; }
  void apply(const Range<std::int64_t>& range) { integers = range; }
  void apply(const Range<double>& range) { numbers = range; }
  void apply(const Range<int>& range) { integers = Range<std::int64_t>{range.low, range.high}; }

  bool allows(std::int64_t value) const;
  bool allows(double value) const;
  // "at least 1", "at most 8", "between 0 and 1", or "" without limits.
  std::string limits() const;
  // The ends of the limits as JSON, or null where there is none.
  Json low() const;
  Json high() const;
};

template <class... Rules>
FieldRules gather_rules(const Rules&... rules) {
  FieldRules gathered;
  (gathered.apply(rules), ...);
  return gathered;
}

}  // namespace llmtool
