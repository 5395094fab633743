#pragma once

#include <functional>
#include <optional>
#include <string>

namespace llmtool {

// Looks a variable up; empty functions know none. Only apps read the real environment.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// Expands a leading `~` (alone or before a slash; HOME) and ${NAME} in a path; `$$` is a literal `$`.
// Throws ValueError for an unknown variable, a lone `$`, an unclosed ${ or `~user`.
std::string expand_path(const std::string& text, const Environment& environment);

// The text that expand_path turns back into `path`.
std::string escape_path(const std::string& path);

}  // namespace llmtool
