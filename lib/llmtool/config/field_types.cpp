#include "llmtool/config/field_types.h"

#include <cmath>

namespace llmtool {
namespace {

std::string describe_type(const std::string& type) {
  if (type == "integer") return "an integer";
  if (type == "number") return "a number";
  if (type == "boolean") return "true or false";
  if (type == "string") return "text";
  if (type == "array") return "a list";
  if (type == "object") return "a section";
  return "null";
}

// Also of alternatives that read the same, such as two kinds of text.
void add_once(std::vector<std::string>& names, const std::string& name) {
  for (const std::string& known : names)
    if (known == name) return;
  names.push_back(name);
}

// " (at least 0, below 1)", or "" without limits.
std::string describe_limits(const Json& schema) {
  std::string text;
  for (const auto& [key, words] : {std::pair("minimum", "at least "), std::pair("exclusiveMinimum", "above "),
                                   std::pair("maximum", "at most "), std::pair("exclusiveMaximum", "below ")}) {
    if (schema.contains(key)) text += (text.empty() ? " (" : ", ") + std::string(words) + schema[key].dump();
  }
  return text.empty() ? "" : text + ")";
}

std::string describe_alternatives(const Json& schemas) {
  std::vector<std::string> names;
  for (const Json& schema : schemas) add_once(names, describe_schema(schema));
  return join_alternatives(names);
}

}  // namespace

std::string join_alternatives(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += names[i];
  }
  return text;
}

std::string list_type_name(const std::string& item_type) {
  if (item_type == "an integer") return "a list of integers";
  if (item_type == "a number") return "a list of numbers";
  if (item_type == "text") return "a list of texts";
  if (item_type == "a section") return "a list of sections";
  return "a list, each item " + item_type;
}

std::string describe_schema(const Json& schema) {
  if (schema.contains("description")) return schema["description"].get<std::string>();
  for (const char* alternatives : {"anyOf", "oneOf"})
    if (schema.contains(alternatives)) return describe_alternatives(schema[alternatives]);
  std::vector<std::string> names;
  if (schema.contains("const"))
    names.push_back(schema["const"].is_string() ? schema["const"].get<std::string>() : schema["const"].dump());
  if (schema.contains("enum"))
    for (const Json& value : schema["enum"])
      names.push_back(value.is_string() ? value.get<std::string>() : value.dump());
  if (names.empty() && schema.contains("type")) {
    const Json& type = schema["type"];
    if (type.is_string()) names.push_back(describe_type(type.get<std::string>()) + describe_limits(schema));
    if (type.is_array())
      for (const Json& name : type) add_once(names, describe_type(name.get<std::string>()));
  }
  return names.empty() ? "a value" : join_alternatives(names);
}

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
