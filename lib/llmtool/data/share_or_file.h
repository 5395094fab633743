#pragma once

#include <optional>
#include <string>

#include "llmtool/core/json.h"

namespace llmtool {

// Where validation rows come from: a share of the training file in (0, 1), or a file of their own.
struct ShareOrFile {
  std::optional<double> share;
  std::string file;  // "" when a share is given

  // Throws ValueError: neither a number nor a text, a share outside (0, 1), an empty path.
  static ShareOrFile from_json(const Json& json);
  Json to_json() const;
  static Json json_schema();

  friend bool operator==(const ShareOrFile&, const ShareOrFile&) = default;
};

}  // namespace llmtool
