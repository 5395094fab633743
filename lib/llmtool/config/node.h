#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"

namespace llmtool {

// A config as it was written: YAML, JSON and --set all become this tree before anything knows about option structs.
// `position` is file:line:column, or has only `file` set to say another origin ("--set training.epochs=3").
struct ConfigNode {
  enum class Kind { kNull, kScalar, kList, kMap };

  Kind kind = Kind::kNull;
  SourcePosition position;
  std::string text;     // of a scalar, as written
  bool quoted = false;  // a quoted scalar is text, whatever it looks like
  std::vector<ConfigNode> children;

  // Set where the node is a value in a map.
  std::string key;
  SourcePosition key_position;

  bool is_null() const { return kind == Kind::kNull; }
  bool is_scalar() const { return kind == Kind::kScalar; }
  bool is_list() const { return kind == Kind::kList; }
  bool is_map() const { return kind == Kind::kMap; }

  // The value of `name` in a map, or nullptr.
  const ConfigNode* find(std::string_view name) const;
  ConfigNode* find(std::string_view name);

  // What the node is, for error texts: "nothing", "'three'", "the text '3'", "a list", "a section".
  std::string describe() const;
};

}  // namespace llmtool
