#include "llmtool/tasks/requests.h"

namespace llmtool {

std::string computed_in(Precision precision) { return "computed in " + std::string(enum_name(precision)); }

Json EvalResult::to_json() const {
  Json json = report.to_json();
  for (const auto& [name, value] : counts.items()) json[name] = value;
  return json;
}

}  // namespace llmtool
