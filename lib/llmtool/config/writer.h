#pragma once

#include <functional>
#include <string>

#include "llmtool/config/config_errors.h"
#include "llmtool/config/field_types.h"
#include "llmtool/core/json.h"

namespace llmtool {

template <HasFields T>
Json to_json(const T& options);

// One value as the reader would read it back; an unset optional is null.
template <class T>
Json value_to_json(const T& value, const FieldRules& rules) {
  if constexpr (OptionalField<T>) {
    return value ? value_to_json(*value, rules) : Json(nullptr);
  } else if constexpr (VectorField<T>) {
    Json list = Json::array();
    for (const auto& item : value) list.push_back(value_to_json(item, rules));
    return list;
  } else if constexpr (MapField<T>) {
    Json map = Json::object();
    for (const auto& [name, item] : value) map[name] = value_to_json(item, rules);
    return map;
  } else if constexpr (HasFields<T>) {
    return to_json(value);
  } else if constexpr (JsonValued<T>) {
    Json json = value.to_json();
    if (rules.path_text && json.is_string()) json = escape_path(json.get<std::string>());
    return json;
  } else if constexpr (NamedEnum<T>) {
    return std::string(enum_name(value));
  } else if constexpr (std::same_as<T, std::string>) {
    return rules.path_text ? escape_path(value) : value;
  } else {
    return value;
  }
}

namespace detail {
struct JsonVisitor {
  Json& object;
  template <class T, class... Rules>
  void operator()(const char* name, const T& value, const char* /*help*/, const Rules&... rules) {
    object[name] = value_to_json(value, gather_rules(rules...));
  }
};
}  // namespace detail

// Every field with its value, in the order of the field list. Reading it again gives equal options.
template <HasFields T>
Json to_json(const T& options) {
  Json object = Json::object();
  detail::JsonVisitor visitor{object};
  T::visit_fields(options, visitor);
  return object;
}

// How a config is written as YAML. Each function gets the path of a field and returns "" for nothing.
struct YamlStyle {
  std::function<std::string(const std::string& path)> comment_above;   // help
  std::function<std::string(const std::string& path)> comment_beside;  // origin
  std::function<bool(const std::string& path)> includes;               // unset: everything
};

// A JSON object as YAML that reads back as the same value: shortest exact numbers, text quoted where it would read as
// something else. Lists of plain values stand on one line.
std::string json_to_yaml(const Json& object, const YamlStyle& style = {});

// A value on one line: 1e-4, text, [a, b], {name: adam}.
std::string value_to_yaml(const Json& value);

// The effective config: every field, with its origin beside it.
template <HasFields T>
std::string to_yaml(const T& options, const FieldPositions& positions) {
  return json_to_yaml(to_json(options),
                      {.comment_beside = [&](const std::string& path) { return positions.origin(path); }});
}
template <HasFields T>
std::string to_yaml(const T& options) {
  return json_to_yaml(to_json(options));
}

}  // namespace llmtool
