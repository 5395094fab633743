#pragma once

#include <string>
#include <vector>

#include "llmtool/config/node.h"

namespace llmtool {

// Applies the arguments of --set, in order, to a config tree: "training.epochs=3", "data.text[1]=answer",
// "optimizer={name: adam}". A value that starts with [ { " or ' is read as YAML, any other is a plain scalar exactly
// as written (so # : * & need no quotes); an empty value or null unsets the key. Sections on the way are made; a list
// grows by at most one item. A segment with dots is quoted: training.class_weights."a.b"=2.
// Throws ConfigError that starts with the override.
void apply_overrides(ConfigNode& root, const std::vector<std::string>& overrides);

}  // namespace llmtool
