#pragma once

#include <cstdint>

#include "llmtool/core/json.h"

namespace llmtool {

// Null when there is nothing to divide by.
inline Json ratio(std::int64_t numerator, std::int64_t denominator) {
  if (denominator == 0) return nullptr;
  return static_cast<double>(numerator) / static_cast<double>(denominator);
}

}  // namespace llmtool
