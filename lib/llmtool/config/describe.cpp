#include "llmtool/config/describe.h"

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

bool is_shown(const std::string& path, const std::string& prefix) {
  if (prefix.empty() || path == prefix) return true;
  return path.starts_with(prefix) && (path[prefix.size()] == '.' || path[prefix.size()] == '[');
}

std::string value_text(const Json& value) { return value.is_null() ? "not set" : value_to_yaml(value); }

// "training.epochs: an integer, at least 1; default 3"
std::string headline(const FieldDescription& field) {
  std::string text = field.path + ": " + field.type;
  if (!field.limits.empty()) text += ", " + field.limits;
  if (field.is_section) return text;
  return text + (field.required ? "; required" : "; default " + value_text(field.default_value));
}

}  // namespace

std::string describe_text(const std::vector<FieldDescription>& fields, const std::string& prefix) {
  std::string text;
  std::vector<std::string> paths;
  for (const FieldDescription& field : fields) {
    paths.push_back(field.path);
    if (is_shown(field.path, prefix)) text += headline(field) + "\n    " + field.help + "\n";
  }
  if (!text.empty()) return text;
  const std::string nearest = nearest_name(prefix, paths);
  throw UsageError("there is no config key " + quote(prefix) +
                   (nearest.empty() ? "" : "; did you mean " + quote(nearest) + "?"));
}

Json describe_json(const std::vector<FieldDescription>& fields) {
  Json list = Json::array();
  for (const FieldDescription& field : fields) {
    Json object = {{"path", field.path}, {"type", field.type}, {"help", field.help}};
    object["required"] = field.required;
    if (!field.limits.empty()) object["limits"] = field.limits;
    if (!field.is_section && !field.required) object["default"] = field.default_value;
    list.push_back(std::move(object));
  }
  return list;
}

}  // namespace llmtool

namespace llmtool::detail {

Json any_of(Json left, Json right) {
  Json alternatives = Json::array();
  alternatives.push_back(std::move(left));
  alternatives.push_back(std::move(right));
  Json schema = Json::object();
  schema["anyOf"] = std::move(alternatives);
  return schema;
}

Json number_schema(const char* type, const FieldRules& rules) {
  Json schema = Json::object();
  schema["type"] = type;
  if (!rules.low().is_null()) schema["minimum"] = rules.low();
  if (!rules.high().is_null()) schema["maximum"] = rules.high();
  return schema;
}

}  // namespace llmtool::detail
