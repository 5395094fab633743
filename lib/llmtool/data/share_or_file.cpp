#include "llmtool/data/share_or_file.h"

#include "llmtool/core/fields.h"

namespace llmtool {

ShareOrFile ShareOrFile::from_json(const Json& json) {
  if (json.is_number()) {
    const double share = json.get<double>();
    if (!(share > 0.0 && share < 1.0))
      throw ValueError(json.dump() + " is no share between 0 and 1 (0.1 takes a tenth of the training file)");
    return {share, ""};
  }
  if (!json.is_string()) throw ValueError("expected a file or a share between 0 and 1, such as 0.1");
  if (json.get_ref<const std::string&>().empty()) throw ValueError("the path is empty");
  return {std::nullopt, json.get<std::string>()};
}

Json ShareOrFile::to_json() const { return share ? Json(*share) : Json(file); }

Json ShareOrFile::json_schema() {
  return Json::parse(R"({"oneOf": [{"type": "string", "minLength": 1},
      {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}]})");
}

}  // namespace llmtool
