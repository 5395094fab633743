#pragma once

#include <cstdint>
#include <cstdlib>

namespace llmtool::testing {

// How many random cases a test tries: `usual` in the suite, LLMTOOL_TORTURE times as many where that is set.
inline std::int64_t num_rounds(std::int64_t usual) {
  const char* factor = std::getenv("LLMTOOL_TORTURE");
  return factor == nullptr ? usual : usual * std::atoll(factor);
}

// Where random cases begin: LLMTOOL_TORTURE_SEED, otherwise always the same.
inline std::uint64_t first_seed() {
  const char* seed = std::getenv("LLMTOOL_TORTURE_SEED");
  return seed == nullptr ? 1 : std::strtoull(seed, nullptr, 10);
}

}  // namespace llmtool::testing
