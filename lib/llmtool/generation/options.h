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

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("max_new_tokens", self.max_new_tokens, "Most tokens to add to a prompt.", limits::kMaxNewTokens);
    visit("do_sample", self.do_sample, "Draw tokens by their probability instead of taking the most probable.");
    visit("temperature", self.temperature, "Scores are divided by it before drawing; below 1 is more certain.",
          limits::kTemperature);
    visit("top_k", self.top_k, "Draw among this many most probable tokens only; 0: all.", limits::kTopK);
    visit("top_p", self.top_p, "Draw among the most probable tokens that make up this share of probability.",
          limits::kTopP);
    visit("repetition_penalty", self.repetition_penalty,
          "Makes tokens that stand in the text already less probable (above 1) or more (below).", limits::kPenalty);
    visit("num_beams", self.num_beams, "Texts followed at once by beam search; 1: none.", limits::kNumBeams);
    visit("length_penalty", self.length_penalty,
          "Beam search divides a text's log-probability by its length to this power.", limits::kLengthPenalty);
    visit("early_stopping", self.early_stopping,
          "Beam search ends with the first num_beams finished texts instead of looking for better ones.");
    visit("seed", self.seed, "Of drawing; a prompt's text does not depend on the prompts beside it.");
  }
};

// Throws ConfigError for options that contradict each other.
void check_generation_options(const GenerationOptions& options);

}  // namespace llmtool
