#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/config/node.h"
#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"
#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Looks a variable up; empty functions know none. Only apps read the real environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Expands a leading `~` (alone or before a slash; HOME) and ${NAME} in a path; `$$` is a literal `$`.
// Throws ValueError for an unknown variable, a lone `$`, an unclosed ${ or `~user`.
std::string expand_path(const std::string& text, const Environment& environment);

// The text that expand_path turns back into `path`.
std::string escape_path(const std::string& path);

// Meaning of plain (unquoted) scalars, YAML 1.2 core schema made stricter. All throw ValueError that says what was
// expected and, where it is plain, how to write it.

// true or false; not yes, no, on, off, True.
bool parse_bool(std::string_view text);

// Decimal digits with an optional sign. A fraction or exponent is accepted when the value is exactly integral and at
// most 2^53 (1e5, 2.0). Refused: 010, 0x10, 1_000, values beyond 64 bits.
std::int64_t parse_integer(std::string_view text);

// A finite decimal number (3, 3., .5, 1e-4). Refused: 010, .inf, .nan, 1_000, 1e999.
double parse_number(std::string_view text);

// True for ~, null, Null, NULL and the empty text.
bool is_null_text(std::string_view text);

// A plain scalar without a known type: null, true/false, integer, number, else text. Throws ValueError for 010 and
// numbers too large.
Json plain_scalar_to_json(std::string_view text);

// What is wrong with a scalar inside a larger value, and where.
class ScalarError : public ValueError {
 public:
  ScalarError(SourcePosition position, const std::string& message)
      : ValueError(message), position_(std::move(position)) {}
  const SourcePosition& position() const { return position_; }

 private:
  SourcePosition position_;
};

// The node as JSON, for types that read themselves from it. Throws ScalarError.
Json node_to_json(const ConfigNode& node);

// What kinds of members a field list may hold, and how they are called in texts for users.

template <class T>
struct IsOptional : std::false_type {};
template <class T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <class T>
struct IsVector : std::false_type {};
template <class T>
struct IsVector<std::vector<T>> : std::true_type {};

template <class T>
struct IsMap : std::false_type {};
template <class T>
struct IsMap<std::map<std::string, T>> : std::true_type {};

template <class T>
concept OptionalField = IsOptional<T>::value;
template <class T>
concept VectorField = IsVector<T>::value;
template <class T>
concept MapField = IsMap<T>::value;

// A small named union with its own text. from_json throws ValueError; json_schema returns a JSON Schema fragment.
template <class T>
concept JsonValued = requires(const T& value, const Json& json) {
  { T::from_json(json) } -> std::same_as<T>;
  { value.to_json() } -> std::same_as<Json>;
  { T::json_schema() } -> std::same_as<Json>;
};

// Names of an enum in the order they are shown.
template <NamedEnum E>
std::vector<std::string> names_of() {
  std::vector<std::string> names;
  for (const auto& [value, name] : EnumNames<E>::kNames) names.emplace_back(name);
  return names;
}

// "adam, adamw or sgd"
std::string join_alternatives(const std::vector<std::string>& names);

// The words for a JSON Schema fragment: its "description", or else what can be told from type, enum and anyOf/oneOf.
std::string describe_schema(const Json& schema);

// "an integer" -> "a list of integers"
std::string list_type_name(const std::string& item_type);

// "an integer", "adam, adamw or sgd", "a list of texts": completes "expected …".
template <class T>
std::string type_name() {
  if constexpr (std::same_as<T, bool>) {
    return "true or false";
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return "an integer";
  } else if constexpr (std::same_as<T, double>) {
    return "a number";
  } else if constexpr (std::same_as<T, std::string>) {
    return "text";
  } else if constexpr (NamedEnum<T>) {
    return join_alternatives(names_of<T>());
  } else if constexpr (OptionalField<T>) {
    return type_name<typename T::value_type>();
  } else if constexpr (VectorField<T>) {
    return list_type_name(type_name<typename T::value_type>());
  } else if constexpr (MapField<T>) {
    return "a map from name to " + type_name<typename T::mapped_type>();
  } else if constexpr (HasFields<T>) {
    return "a section";
  } else {
    static_assert(JsonValued<T>, "this type cannot be a field: see core/fields.h");
    return describe_schema(T::json_schema());
  }
}

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
