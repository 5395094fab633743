#pragma once

#include <cstdint>

#include "llmtool/core/fields.h"

namespace llmtool {

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
    visit("max_new_tokens", self.max_new_tokens, "Most tokens to add to a prompt.", in_range<std::int64_t>(1, 1 << 22));
    visit("do_sample", self.do_sample, "Draw tokens by their probability instead of taking the most probable.");
    visit("temperature", self.temperature, "Scores are divided by it before drawing; below 1 is more certain.",
          in_range(1e-3, 1e3));
    visit("top_k", self.top_k, "Draw among this many most probable tokens only; 0: all.",
          in_range<std::int64_t>(0, 1 << 24));
    visit("top_p", self.top_p, "Draw among the most probable tokens that make up this share of probability.",
          in_range(0.0, 1.0));
    visit("repetition_penalty", self.repetition_penalty,
          "Makes tokens that stand in the text already less probable (above 1) or more (below).", in_range(1e-3, 1e3));
    visit("num_beams", self.num_beams, "Texts followed at once by beam search; 1: none.",
          in_range<std::int64_t>(1, 1 << 10));
    visit("length_penalty", self.length_penalty,
          "Beam search divides a text's log-probability by its length to this power.", in_range(-100.0, 100.0));
    visit("early_stopping", self.early_stopping,
          "Beam search ends with the first num_beams finished texts instead of looking for better ones.");
    visit("seed", self.seed, "Of drawing; a prompt's text does not depend on the prompts beside it.");
  }
};

// Throws ConfigError for options that contradict each other.
void check_generation_options(const GenerationOptions& options);

}  // namespace llmtool
