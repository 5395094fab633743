#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace llmtool {

// A text, or two for models of pairs, or the words of a text for models that read words. UTF-8.
struct TextInput {
  std::string_view text;  // "" beside words
  std::optional<std::string_view> pair;
  std::optional<std::span<const std::string>> words = {};
};

}  // namespace llmtool
