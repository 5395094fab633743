#include "llmtool/config/field_rules.h"

#include <cmath>

namespace llmtool {
namespace {

using Int64Limits = std::numeric_limits<std::int64_t>;

std::string between(const Json& low, const Json& high) {
  if (low.is_null() && high.is_null()) return "";
  if (high.is_null()) return "at least " + low.dump();
  if (low.is_null()) return "at most " + high.dump();
  return "between " + low.dump() + " and " + high.dump();
}

Json bound(std::int64_t value) {
  if (value == Int64Limits::min() || value == Int64Limits::max()) return nullptr;
  return value;
}

Json bound(double value) {
  if (std::abs(value) >= std::numeric_limits<double>::max()) return nullptr;
  // "between 0 and 1", not "between 0.0 and 1.0".
  if (value == std::trunc(value) && std::abs(value) < 0x1p53) return static_cast<std::int64_t>(value);
  return value;
}

}  // namespace

bool FieldRules::allows(std::int64_t value) const {
  if (integers && !integers->contains(value)) return false;
  return !numbers || numbers->contains(static_cast<double>(value));
}

bool FieldRules::allows(double value) const {
  if (numbers && !numbers->contains(value)) return false;
  return !integers || (static_cast<double>(integers->low) <= value && value <= static_cast<double>(integers->high));
}

Json FieldRules::low() const { return integers ? bound(integers->low) : numbers ? bound(numbers->low) : nullptr; }

Json FieldRules::high() const { return integers ? bound(integers->high) : numbers ? bound(numbers->high) : nullptr; }

std::string FieldRules::limits() const { return between(low(), high()); }

}  // namespace llmtool
