#pragma once

#include <CLI/CLI.hpp>
#include <concepts>
#include <limits>
#include <string>

#include "llmtool/core/fields.h"
#include "llmtool/core/json.h"

namespace llmtool::app {

// Accepts a number within limits; the message writes them as a person would ("a whole number from 1 on").
template <class T>
CLI::Validator within(const Range<T>& limits) {
  const auto check = [limits](const std::string& text) -> std::string {
    T value{};
    if (CLI::detail::lexical_cast(text, value) && limits.contains(value)) return "";
    return text + " is not a " + (std::integral<T> ? "whole number" : "number") + " from " + Json(limits.low).dump() +
           (limits.high == std::numeric_limits<T>::max() ? " on" : " to " + Json(limits.high).dump());
  };
  return CLI::Validator(check, "");
}

}  // namespace llmtool::app
