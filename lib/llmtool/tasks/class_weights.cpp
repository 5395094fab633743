#include "llmtool/tasks/class_weights.h"

#include <cmath>

#include "llmtool/core/json_excerpt.h"

namespace llmtool {
namespace {

constexpr const char* kExpected = "expected none, balanced or a mapping of label names to weights";

double weight_from_json(const std::string& name, const Json& json) {
  const double weight = json.is_number() ? json.get<double>() : -1.0;
  if (!std::isfinite(weight) || weight < 0.0)
    throw ValueError("the weight of " + quote(name) + " must be a number from 0 on, not " + json_excerpt(json));
  return weight;
}

}  // namespace

ClassWeights ClassWeights::from_json(const Json& json) {
  if (json.is_string() && json == "none") return {Kind::kNone, {}};
  if (json.is_string() && json == "balanced") return {Kind::kBalanced, {}};
  if (!json.is_object() || json.empty()) throw ValueError(std::string(kExpected) + ", not " + json_excerpt(json));
  ClassWeights weights{Kind::kByName, {}};
  for (const auto& [name, weight] : json.items()) weights.by_name[name] = weight_from_json(name, weight);
  return weights;
}

Json ClassWeights::to_json() const {
  if (kind == Kind::kNone) return "none";
  if (kind == Kind::kBalanced) return "balanced";
  Json json = Json::object();
  for (const auto& [name, weight] : by_name) json[name] = weight;
  return json;
}

Json ClassWeights::json_schema() {
  return Json::parse(R"({"oneOf": [{"enum": ["none", "balanced"]},
      {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0}}]})");
}

}  // namespace llmtool
