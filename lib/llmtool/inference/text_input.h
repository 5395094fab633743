#pragma once

#include <optional>
#include <string_view>

namespace llmtool {

// A text, or two for models of pairs. UTF-8.
struct TextInput {
  std::string_view text;
  std::optional<std::string_view> pair;
};

}  // namespace llmtool
