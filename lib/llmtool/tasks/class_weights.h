#pragma once

#include <map>
#include <string>

#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"

namespace llmtool {

// What a label's examples count in the loss: `none`, `balanced` (examples / (labels * examples of the label), as
// scikit-learn's class_weight), or {name: weight} where labels not named weigh 1.
struct ClassWeights {
  enum class Kind { kNone, kBalanced, kByName };

  Kind kind = Kind::kNone;
  std::map<std::string, double> by_name;

  // Throws ValueError: another text, an empty mapping, a weight that is negative or not a finite number.
  static ClassWeights from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();

  friend bool operator==(const ClassWeights&, const ClassWeights&) = default;
};

}  // namespace llmtool
