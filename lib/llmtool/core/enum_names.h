#pragma once

#include <array>
#include <concepts>
#include <optional>
#include <string_view>
#include <utility>

namespace llmtool {

// Specialise for an enum with
//   static constexpr std::array kNames{std::pair{Optimizer::kAdamW, std::string_view("adamw")}, …};
// in the order they are shown to users.
template <class E>
struct EnumNames;

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires {
  EnumNames<E>::kNames.size();
};

template <NamedEnum E>
constexpr std::string_view enum_name(E value) {
  for (const auto& [candidate, name] : EnumNames<E>::kNames)
    if (candidate == value) return name;
  return "?";
}

template <NamedEnum E>
constexpr std::optional<E> enum_from_name(std::string_view text) {
  for (const auto& [candidate, name] : EnumNames<E>::kNames)
    if (name == text) return candidate;
  return std::nullopt;
}

}  // namespace llmtool
