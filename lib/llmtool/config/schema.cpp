#include "llmtool/config/schema.h"

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
