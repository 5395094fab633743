#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "llmtool/generation/end_rule.h"

namespace llmtool {

// One text of a beam search.
struct Beam {
  std::vector<std::int64_t> new_ids;
  float score = 0.0F;  // log-probability of the new ids; of a finished text divided by its length penalty
  bool is_finished = false;
};

// The texts that beam search follows and keeps for one prompt, with the rules of transformers' GenerationMixin: each
// step takes the best continuations of all running texts; those that end compete for the places of finished texts, the
// others run on. Scores are fp32 as there, so that ties and roundings fall alike.
class PromptBeams {
 public:
  PromptBeams(const GenerationOptions& options, std::size_t num_end_ids, const EndRule& end_rule);

  const std::vector<Beam>& running() const { return running_; }
  bool is_done() const { return is_done_; }
  // The best finished text, once is_done().
  const Beam& best() const { return finished_.front(); }

  // Takes the log-probabilities of the next token after each running text, fp32 [num_beams, vocab]. Returns the number
  // of the text that each running one continues.
  std::vector<std::int64_t> advance(const at::Tensor& log_probabilities);

 private:
  struct Candidate {
    std::int64_t parent;
    Beam beam;
  };
  std::vector<Candidate> best_continuations(const at::Tensor& log_probabilities) const;
  void keep_finished(const std::vector<Candidate>& candidates);
  void update_is_done(const std::vector<Candidate>& candidates);
  std::vector<std::int64_t> keep_running(std::vector<Candidate> candidates);
  bool all_finished() const;
  float penalized(float score, std::size_t length) const;

  GenerationOptions options_;
  std::size_t num_candidates_;
  EndRule end_rule_;
  std::vector<Beam> running_;
  std::vector<Beam> finished_;  // best first; empty places have the score kNone
  bool can_improve_ = true;
  bool is_done_ = false;
};

}  // namespace llmtool
