#include "llmtool/config/diff.h"

#include <map>

namespace llmtool {
namespace {

std::string value_text(const Json& value) { return value.is_null() ? "not set" : value_to_yaml(value); }

}  // namespace

std::string FieldDifference::to_string() const { return path + ": " + value_text(left) + " -> " + value_text(right); }

namespace detail {

std::vector<FieldDifference> compare_fields(const std::vector<ComparedField>& left,
                                            const std::vector<ComparedField>& right) {
  // Paths may stand on one side only: members of a section that is set there alone.
  std::map<std::string, Json> unmatched;
  for (const ComparedField& field : right) unmatched[field.path] = field.value;
  std::vector<FieldDifference> differences;
  for (const ComparedField& field : left) {
    const auto found = unmatched.find(field.path);
    const Json other = found == unmatched.end() ? Json(nullptr) : found->second;
    if (field.value != other) differences.push_back({field.path, field.value, other});
    if (found != unmatched.end()) unmatched.erase(found);
  }
  for (const ComparedField& field : right)
    if (unmatched.contains(field.path) && !field.value.is_null())
      differences.push_back({field.path, nullptr, field.value});
  return differences;
}

}  // namespace detail
}  // namespace llmtool
