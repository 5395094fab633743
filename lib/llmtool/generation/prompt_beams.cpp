#include "llmtool/generation/prompt_beams.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>

namespace llmtool {
namespace {

// Score of a text that is not there or may not be chosen; added to others, it drowns them.
constexpr float kNone = -1.0e9F;

bool is_better(const Beam& left, const Beam& right) { return left.score > right.score; }

}  // namespace

// More candidates than beams, so that enough run on when all of the best end. At first all texts are the prompt, of
// which one counts.
PromptBeams::PromptBeams(const GenerationOptions& options, std::size_t num_end_ids, const EndRule& end_rule)
    : options_(options),
      num_candidates_(std::max<std::size_t>(2, 1 + num_end_ids) * static_cast<std::size_t>(options.num_beams)),
      end_rule_(end_rule) {
  const auto num_beams = static_cast<std::size_t>(options.num_beams);
  running_.assign(num_beams, Beam{{}, kNone, false});
  finished_ = running_;
  running_.front().score = 0.0F;
}

std::vector<std::int64_t> PromptBeams::advance(const at::Tensor& log_probabilities) {
  std::vector<Candidate> candidates = best_continuations(log_probabilities);
  keep_finished(candidates);
  std::vector<std::int64_t> parents = keep_running(candidates);
  update_is_done(candidates);
  return parents;
}

std::vector<PromptBeams::Candidate> PromptBeams::best_continuations(const at::Tensor& log_probabilities) const {
  std::vector<float> scores;
  for (const Beam& beam : running_) scores.push_back(beam.score);
  const std::int64_t vocabulary_size = log_probabilities.size(1);
  const at::Tensor sums = (log_probabilities + at::tensor(scores).unsqueeze(1)).flatten();
  const auto [values, places] = sums.topk(std::min(static_cast<std::int64_t>(num_candidates_), sums.size(0)));
  std::vector<Candidate> candidates;
  for (std::int64_t rank = 0; rank < values.size(0); ++rank) {
    const std::int64_t place = places[rank].item<std::int64_t>();
    Candidate candidate{place / vocabulary_size, running_[static_cast<std::size_t>(place / vocabulary_size)]};
    candidate.beam.new_ids.push_back(place % vocabulary_size);
    candidate.beam.score = values[rank].item<float>();
    candidate.beam.is_finished = end_rule_.reason(candidate.beam.new_ids).has_value();
    candidates.push_back(std::move(candidate));
  }
  return candidates;
}

float PromptBeams::penalized(float score, std::size_t length) const {
  return score / static_cast<float>(std::pow(static_cast<double>(length), options_.length_penalty));
}

bool PromptBeams::all_finished() const {
  return std::all_of(finished_.begin(), finished_.end(), [](const Beam& beam) { return beam.is_finished; });
}

// Only texts among the first num_beams candidates may finish; the others are there to run on.
void PromptBeams::keep_finished(const std::vector<Candidate>& candidates) {
  if (!can_improve_ || (options_.early_stopping && all_finished())) return;
  const std::size_t num_eligible = std::min(candidates.size(), finished_.size());
  for (std::size_t rank = 0; rank < num_eligible; ++rank) {
    if (!candidates[rank].beam.is_finished) continue;
    Beam beam = candidates[rank].beam;
    beam.score = penalized(beam.score, beam.new_ids.size());
    finished_.push_back(std::move(beam));
  }
  std::stable_sort(finished_.begin(), finished_.end(), is_better);
  finished_.resize(running_.size());
}

std::vector<std::int64_t> PromptBeams::keep_running(std::vector<Candidate> candidates) {
  for (Candidate& candidate : candidates)
    if (candidate.beam.is_finished) candidate.beam.score += kNone;
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Candidate& left, const Candidate& right) { return is_better(left.beam, right.beam); });
  std::vector<std::int64_t> parents;
  for (std::size_t rank = 0; rank < running_.size(); ++rank) {
    parents.push_back(candidates[rank].parent);
    running_[rank] = std::move(candidates[rank].beam);
  }
  return parents;
}

// The best running text is judged as if it ended now; see _check_early_stop_heuristic in generation/utils.py.
void PromptBeams::update_is_done(const std::vector<Candidate>& candidates) {
  const float best_possible = penalized(running_.front().score, running_.front().new_ids.size());
  const float worst_finished = all_finished() ? finished_.back().score : kNone;
  can_improve_ = can_improve_ && best_possible > worst_finished;
  const bool none_runs_on = std::all_of(candidates.begin(), candidates.end(),
                                        [](const Candidate& candidate) { return candidate.beam.is_finished; });
  is_done_ = !can_improve_ || none_runs_on || (options_.early_stopping && all_finished());
}

}  // namespace llmtool
