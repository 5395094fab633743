#include "llmtool/tasks/label_weights.h"

#include <cmath>

#include "llmtool/core/errors.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"

namespace llmtool {
namespace {

constexpr const char* kExpected = "expected none, balanced or a mapping of label names to weights";

double weight_from_json(const std::string& name, const Json& json) {
  const double weight = json.is_number() ? json.get<double>() : -1.0;
  if (!std::isfinite(weight) || weight < 0.0)
    throw ValueError("the weight of " + quote(name) + " must be a number from 0 on, not " + json_excerpt(json));
  return weight;
}

std::string listed_labels(const LabelSet& labels) {
  constexpr std::size_t kMostListed = 10;
  return listed(labels.names(), quote, kMostListed);
}

}  // namespace

LabelWeights LabelWeights::from_json(const Json& json) {
  if (json.is_string() && json == "none") return {Kind::kNone, {}};
  if (json.is_string() && json == "balanced") return {Kind::kBalanced, {}};
  if (!json.is_object() || json.empty()) throw ValueError(std::string(kExpected) + ", not " + json_excerpt(json));
  LabelWeights weights{Kind::kByName, {}};
  for (const auto& [name, weight] : json.items()) weights.by_name[name] = weight_from_json(name, weight);
  return weights;
}

Json LabelWeights::to_json() const {
  if (kind == Kind::kNone) return "none";
  if (kind == Kind::kBalanced) return "balanced";
  Json json = Json::object();
  for (const auto& [name, weight] : by_name) json[name] = weight;
  return json;
}

Json LabelWeights::json_schema() {
  return Json::parse(R"({"oneOf": [{"enum": ["none", "balanced"]},
      {"type": "object", "minProperties": 1, "additionalProperties": {"type": "number", "minimum": 0}}]})");
}

std::vector<double> named_weights(const std::map<std::string, double>& by_name, const LabelSet& labels,
                                  const std::string& field) {
  std::vector<double> weights(static_cast<std::size_t>(labels.size()), 1.0);
  for (const auto& [name, weight] : by_name) {
    const auto id = labels.find(name);
    if (!id) {
      const std::string near = nearest_name(name, labels.names());
      throw ConfigError(field + ": " + quote(name) + " is not a label of the data" +
                        (near.empty() ? "" : "; did you mean " + quote(near) + "?") +
                        " (labels: " + listed_labels(labels) + ")");
    }
    weights[static_cast<std::size_t>(*id)] = weight;
  }
  return weights;
}

}  // namespace llmtool
