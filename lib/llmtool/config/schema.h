#pragma once

#include <string>

#include "llmtool/config/field_types.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/json.h"

namespace llmtool {

namespace detail {
template <class T>
Json type_schema(const FieldRules& rules);

struct SchemaVisitor {
  Json& properties;
  Json& required;

  template <class T, class... Rules>
  void operator()(const char* name, const T& value, const char* help, const Rules&... rules) {
    const FieldRules gathered = gather_rules(rules...);
    Json schema = type_schema<T>(gathered);
    schema["description"] = help;
    // A section that must have a key must itself be there.
    if (gathered.required || (HasFields<T> && schema.contains("required"))) {
      required.push_back(name);
    } else if constexpr (!HasFields<T>) {
      schema["default"] = value_to_json(value, gathered);
    }
    properties[name] = std::move(schema);
  }
};

template <class T>
Json section_schema() {
  Json properties = Json::object();
  Json required = Json::array();
  SchemaVisitor visitor{properties, required};
  const T defaults = T();  // T{} makes g++ 12 warn falsely about lists among the default values
  T::visit_fields(defaults, visitor);
  Json schema = {{"type", {"object", "null"}}, {"properties", std::move(properties)}, {"additionalProperties", false}};
  if (!required.empty()) {
    schema["type"] = "object";
    schema["required"] = std::move(required);
  }
  return schema;
}

// {"anyOf": [left, right]}, where "type" alone cannot say it.
Json any_of(Json left, Json right);
// Number schema with the limits of `rules`.
Json number_schema(const char* type, const FieldRules& rules);

template <class T>
Json type_schema(const FieldRules& rules) {
  if constexpr (std::same_as<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::same_as<T, std::int64_t>) {
    return number_schema("integer", rules);
  } else if constexpr (std::same_as<T, double>) {
    return number_schema("number", rules);
  } else if constexpr (std::same_as<T, std::string>) {
    return {{"type", {"string", "number", "boolean"}}};  // the reader takes any plain value as text
  } else if constexpr (NamedEnum<T>) {
    return {{"enum", names_of<T>()}};
  } else if constexpr (OptionalField<T>) {
    return any_of(type_schema<typename T::value_type>(rules), {{"type", "null"}});
  } else if constexpr (VectorField<T>) {
    const Json item = type_schema<typename T::value_type>(rules);
    const Json list = {{"type", "array"}, {"items", item}};
    return rules.scalar_or_list ? any_of(item, list) : list;
  } else if constexpr (MapField<T>) {
    return {{"type", "object"}, {"additionalProperties", type_schema<typename T::mapped_type>(rules)}};
  } else if constexpr (HasFields<T>) {
    return section_schema<T>();
  } else {
    return T::json_schema();
  }
}
}  // namespace detail

// JSON Schema (draft 2020-12) of a config file, for editors: unknown keys refused, enums, limits, defaults, help.
template <HasFields T>
Json json_schema(const std::string& title) {
  Json schema = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  schema.update(detail::section_schema<T>());
  return schema;
}

}  // namespace llmtool
