#include "llmtool/models/options.h"

namespace llmtool {

ModelConfig ModelConfig::from_json(const Json& json) {
  if (!json.is_object() || !json.contains("model_type") || !json["model_type"].is_string())
    throw ValueError("expected a section with model_type and the sizes of the model");
  return {json};
}

Json ModelConfig::json_schema() {
  return {{"type", "object"}, {"required", {"model_type"}}, {"properties", {{"model_type", {{"type", "string"}}}}}};
}

void ModelOptions::check(FieldErrors& errors) const {
  if (from.empty() && !config) errors.add("from", "name the folder of a model, or describe one under model.config");
  if (!from.empty() && config) errors.add("config", "a model comes from a folder or from a config, not from both");
  if (config && !ignore.empty())
    errors.add("ignore", "has no part in a model from scratch, which reads no weights; leave it out");
}

}  // namespace llmtool
