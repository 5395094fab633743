#pragma once

#include <string>
#include <vector>

#include "llmtool/config/config_errors.h"
#include "llmtool/config/field_types.h"
#include "llmtool/config/writer.h"
#include "llmtool/core/json.h"

namespace llmtool {

// kWhatIsComputed leaves out fields marked NotCompared: two runs equal in the rest compute the same.
enum class CompareScope { kEverything, kWhatIsComputed };

struct FieldDifference {
  std::string path;
  Json left;
  Json right;
  // "training.epochs: 3 -> 4"
  std::string to_string() const;
};

namespace detail {
struct ComparedField {
  std::string path;
  Json value;
};

template <class T>
struct IsOptionalSection : std::false_type {};
template <HasFields T>
struct IsOptionalSection<std::optional<T>> : std::true_type {};

struct FlattenVisitor {
  std::string prefix;
  CompareScope scope;
  std::vector<ComparedField>& fields;

  template <class T, class... Rules>
  void operator()(const char* name, const T& value, const char* /*help*/, const Rules&... rules) {
    const FieldRules gathered = gather_rules(rules...);
    if (scope == CompareScope::kWhatIsComputed && gathered.not_compared) return;
    const std::string path = join_path(prefix, name);
    if constexpr (HasFields<T>) {
      flatten(path, value);
    } else if constexpr (IsOptionalSection<T>::value) {
      if (value) flatten(path, *value);
    } else {
      fields.push_back({path, value_to_json(value, gathered)});
    }
  }

  template <class T>
  void flatten(const std::string& path, const T& section) {
    FlattenVisitor nested{path, scope, fields};
    T::visit_fields(section, nested);
  }
};

std::vector<FieldDifference> compare_fields(const std::vector<ComparedField>& left,
                                            const std::vector<ComparedField>& right);
}  // namespace detail

// Fields whose values differ, in the order of the field list.
template <HasFields T>
std::vector<FieldDifference> diff_options(const T& left, const T& right,
                                          CompareScope scope = CompareScope::kEverything) {
  std::vector<detail::ComparedField> left_fields;
  std::vector<detail::ComparedField> right_fields;
  detail::FlattenVisitor left_visitor{"", scope, left_fields};
  detail::FlattenVisitor right_visitor{"", scope, right_fields};
  T::visit_fields(left, left_visitor);
  T::visit_fields(right, right_visitor);
  return detail::compare_fields(left_fields, right_fields);
}

}  // namespace llmtool
