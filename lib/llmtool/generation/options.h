#pragma once

#include <cstdint>

#include "llmtool/core/fields.h"

namespace llmtool {

// What the options may be, for config files, the command line and stored settings alike.
namespace limits {
inline constexpr Range<std::int64_t> kMaxNewTokens{1, 1 << 22};
inline constexpr Range<double> kTemperature{1e-3, 1e3};
inline constexpr Range<std::int64_t> kTopK{0, 1 << 24};
inline constexpr Range<double> kTopP{1e-6, 1.0};
inline constexpr Range<double> kPenalty{1e-3, 1e3};
inline constexpr Range<std::int64_t> kNumBeams{1, 1 << 10};
inline constexpr Range<double> kLengthPenalty{-100.0, 100.0};
}  // namespace limits

// How new tokens are chosen, under the names of Hugging Face's GenerationConfig.
struct GenerationOptions {
  std::int64_t max_new_tokens = 50;
  bool do_sample = false;
  double temperature = 1.0;
  std::int64_t top_k = 0;
  double top_p = 1.0;
  double repetition_penalty = 1.0;
  std::int64_t num_beams = 1;
  double length_penalty = 1.0;
  bool early_stopping = false;
  std::int64_t seed = 42;
};

// Throws ConfigError for options that contradict each other.
void check_generation_options(const GenerationOptions& options);

}  // namespace llmtool
