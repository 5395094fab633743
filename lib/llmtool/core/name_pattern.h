#pragma once

#include <string_view>

namespace llmtool {

// Whether all of `name` is as `pattern` says: `*` stands for any characters, also none, `?` for one.
bool matches_pattern(std::string_view name, std::string_view pattern);

}  // namespace llmtool
