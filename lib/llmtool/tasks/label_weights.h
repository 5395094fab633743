#pragma once

#include <map>
#include <string>
#include <vector>

#include "llmtool/core/json_fwd.h"
#include "llmtool/data/label_set.h"

namespace llmtool {

// What labels count in a loss: `none`, `balanced` (by how often they occur; each task says how), or {name: weight}
// where labels not named weigh 1.
struct LabelWeights {
  enum class Kind { kNone, kBalanced, kByName };

  Kind kind = Kind::kNone;
  std::map<std::string, double> by_name;

  // Throws ValueError: another text, an empty mapping, a weight that is negative or not a finite number.
  static LabelWeights from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();

  friend bool operator==(const LabelWeights&, const LabelWeights&) = default;
};

// The weight of every label, by id. Throws ConfigError for a weight of a name that is no label (with the nearest one);
// `field` is where the weights stand: "training.class_weights".
std::vector<double> named_weights(const std::map<std::string, double>& by_name, const LabelSet& labels,
                                  const std::string& field);

}  // namespace llmtool
