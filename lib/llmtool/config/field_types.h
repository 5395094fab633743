#pragma once

// What kinds of members a field list may hold, and how they are called in texts for users.

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/fields.h"

namespace llmtool {

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

}  // namespace llmtool
