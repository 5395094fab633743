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

}  // namespace llmtool
