#pragma once

#include <cstdint>

namespace llmtool {

// The state at `position` of a sequence must predict the token `target`.
struct PredictedToken {
  std::int64_t position;
  std::int32_t target;
};

}  // namespace llmtool
