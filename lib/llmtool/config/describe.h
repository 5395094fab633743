#pragma once

#include <string>
#include <vector>

#include "llmtool/config/field_types.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/json.h"

namespace llmtool {

// One field as users see it. Fields of list items have paths like "heads[].name", of map values "heads.*.name".
struct FieldDescription {
  std::string path;
  std::string type;
  Json default_value;  // null when it has none
  std::string limits;
  std::string help;
  bool required = false;
  bool is_section = false;
};

namespace detail {
template <class T>
void describe_members(const std::string& prefix, std::vector<FieldDescription>& fields);

template <class T>
void describe_nested(const std::string& path, std::vector<FieldDescription>& fields) {
  if constexpr (OptionalField<T>) {
    describe_nested<typename T::value_type>(path, fields);
  } else if constexpr (VectorField<T>) {
    describe_nested<typename T::value_type>(path + "[]", fields);
  } else if constexpr (MapField<T>) {
    describe_nested<typename T::mapped_type>(path + ".*", fields);
  } else if constexpr (HasFields<T>) {
    describe_members<T>(path, fields);
  }
}

struct DescribeVisitor {
  const std::string& prefix;
  std::vector<FieldDescription>& fields;

  template <class T, class... Rules>
  void operator()(const char* name, const T& value, const char* help, const Rules&... rules) {
    const FieldRules gathered = gather_rules(rules...);
    FieldDescription field;
    field.path = join_path(prefix, name);
    field.type = type_name<T>();
    if (gathered.scalar_or_list) field.type = "one value or " + field.type;
    field.limits = gathered.limits();
    field.help = help;
    field.required = gathered.required;
    field.is_section = HasFields<T>;
    if (!gathered.required && !HasFields<T>) field.default_value = value_to_json(value, gathered);
    const std::string path = field.path;
    fields.push_back(std::move(field));
    describe_nested<T>(path, fields);
  }
};

template <class T>
void describe_members(const std::string& prefix, std::vector<FieldDescription>& fields) {
  const T defaults = T();  // T{} makes g++ 12 warn falsely about lists among the default values
  DescribeVisitor visitor{prefix, fields};
  T::visit_fields(defaults, visitor);
}
}  // namespace detail

// Every field of T, sections before their members, in the order of the field lists.
template <HasFields T>
std::vector<FieldDescription> describe_fields() {
  std::vector<FieldDescription> fields;
  detail::describe_members<T>("", fields);
  return fields;
}

// The fields at or below `prefix` ("" is all) as text for people. Throws UsageError for an unknown prefix, naming the
// nearest path.
std::string describe_text(const std::vector<FieldDescription>& fields, const std::string& prefix = "");

// The same as an array of objects.
Json describe_json(const std::vector<FieldDescription>& fields);

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
