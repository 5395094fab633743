#include "llmtool/generation/search.h"

#include <ATen/Functions.h>
#include <ATen/core/Tensor.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/random.h"
#include "llmtool/generation/decoding.h"

namespace llmtool {
namespace {

// Prompts are numbered among all there are.
void check_prompts(const Model& model, const GenerationRequest& request) {
  const auto& prompts = request.prompts;
  const ModelDimensions dimensions = model.dimensions();
  for (std::size_t index = 0; index < prompts.size(); ++index) {
    const auto length = static_cast<std::int64_t>(prompts[index].size());
    const std::string name = "prompt " + std::to_string(request.first_prompt + index + 1);
    if (length == 0)
      throw DataError(name + " has no tokens; give it at least one, such as the beginning-of-text token");
    if (length > dimensions.num_positions)
      throw DataError(name + " has " + std::to_string(length) + " tokens, but the model knows only " +
                      std::to_string(dimensions.num_positions) + " positions; shorten it");
    for (const std::int64_t id : prompts[index])
      if (id < 0 || id >= dimensions.vocabulary_size)
        throw DataError(name + " has the token id " + std::to_string(id) + ", but the model's vocabulary has " +
                        std::to_string(dimensions.vocabulary_size) + " ids");
  }
}

}  // namespace

std::vector<Generation> generate(const Model& model, const GenerationRequest& request) {
  if (model.head_kind() != HeadKind::kCausalLm) throw std::logic_error("generation needs a causal language model");
  check_generation_options(request.options);
  check_prompts(model, request);
  if (request.prompts.empty()) return {};
  const at::NoGradGuard no_grad;
  return request.options.num_beams > 1 ? search_beams(model, request) : search_singly(model, request);
}

namespace {

// Says when a prompt's texts end.
class EndRule {
 public:
  EndRule(const Model& model, const GenerationRequest& request, std::size_t prompt);

  // Why the text ends with these new ids, if it does.
  std::optional<FinishReason> reason(const std::vector<std::int64_t>& new_ids) const;
  // Most ids that may be added.
  std::int64_t max_new_ids() const { return max_new_ids_; }

 private:
  const GenerationRequest& request_;
  std::size_t prompt_;
  std::int64_t max_new_ids_;
  FinishReason at_most_;  // the reason when max_new_ids() are there
};

// The last token needs no position: nothing is computed from it.
EndRule::EndRule(const Model& model, const GenerationRequest& request, std::size_t prompt)
    : request_(request), prompt_(prompt) {
  const auto length = static_cast<std::int64_t>(request.prompts[prompt].size());
  const std::int64_t room = model.dimensions().num_positions - length + 1;
  max_new_ids_ = std::min(request.options.max_new_tokens, room);
  at_most_ = room < request.options.max_new_tokens ? FinishReason::kPositions : FinishReason::kLength;
}

std::optional<FinishReason> EndRule::reason(const std::vector<std::int64_t>& new_ids) const {
  const std::vector<std::int64_t>& ends = request_.end_ids;
  if (std::find(ends.begin(), ends.end(), new_ids.back()) != ends.end()) return FinishReason::kEndToken;
  if (request_.stops && request_.stops(prompt_, new_ids)) return FinishReason::kStopped;
  if (static_cast<std::int64_t>(new_ids.size()) >= max_new_ids_) return at_most_;
  return std::nullopt;
}

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

// Score of a text that is not there or may not be chosen; added to others, it drowns them.
constexpr float kNone = -1.0e9F;

bool is_better(const Beam& left, const Beam& right) { return left.score > right.score; }

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

// Beam search over all prompts that are not done, num_beams rows of the batch each.
class BeamSearch {
 public:
  BeamSearch(const Model& model, const GenerationRequest& request)
      : model_(model), request_(request), decoder_(model), results_(request.prompts.size()) {}

  std::vector<Generation> run() {
    at::Tensor scores = start();
    while (!active_.empty()) {
      const std::vector<std::int64_t> new_ids = advance(scores.log_softmax(1));
      if (!active_.empty()) scores = decoder_.append(new_ids);
    }
    return std::move(results_);
  }

 private:
  struct ActivePrompt {
    std::size_t prompt;
    PromptBeams beams;
  };

  // Computes every prompt once and gives its scores to all of its beams. [prompts * num_beams, vocab]
  at::Tensor start() {
    std::vector<std::int64_t> rows;
    for (std::size_t prompt = 0; prompt < request_.prompts.size(); ++prompt) {
      const EndRule end_rule(model_, request_, prompt);
      active_.push_back({prompt, PromptBeams(request_.options, request_.end_ids.size(), end_rule)});
      rows.insert(rows.end(), static_cast<std::size_t>(request_.options.num_beams), static_cast<std::int64_t>(prompt));
    }
    const at::Tensor scores = decoder_.append(request_.prompts);
    decoder_.select(rows);
    return scores.index_select(0, at::tensor(rows, at::kLong));
  }

  // Takes one step of every prompt and returns the running beams' new ids.
  std::vector<std::int64_t> advance(const at::Tensor& log_probabilities) {
    const std::int64_t num_beams = request_.options.num_beams;
    std::vector<ActivePrompt> still_active;
    std::vector<std::int64_t> rows, new_ids;
    for (std::size_t place = 0; place < active_.size(); ++place) {
      ActivePrompt& active = active_[place];
      const std::int64_t first_row = static_cast<std::int64_t>(place) * num_beams;
      const at::Tensor own = log_probabilities.narrow(0, first_row, num_beams);
      const std::vector<std::int64_t> parents = active.beams.advance(penalized(own, active));
      if (active.beams.is_done()) {
        finish(active);
        continue;
      }
      for (const std::int64_t parent : parents) rows.push_back(first_row + parent);
      for (const Beam& beam : active.beams.running()) new_ids.push_back(beam.new_ids.back());
      still_active.push_back(std::move(active));
    }
    active_ = std::move(still_active);
    if (!active_.empty()) decoder_.select(rows);
    return new_ids;
  }

  at::Tensor penalized(const at::Tensor& log_probabilities, const ActivePrompt& active) const {
    if (request_.options.repetition_penalty == 1.0) return log_probabilities;
    std::vector<at::Tensor> rows;
    for (const Beam& beam : active.beams.running()) {
      std::vector<std::int64_t> text = request_.prompts[active.prompt];
      text.insert(text.end(), beam.new_ids.begin(), beam.new_ids.end());
      const at::Tensor row = log_probabilities[static_cast<std::int64_t>(rows.size())];
      rows.push_back(penalize_repetition(row, text, request_.options.repetition_penalty));
    }
    return at::stack(rows);
  }

  void finish(const ActivePrompt& active) {
    const EndRule end_rule(model_, request_, active.prompt);
    Generation& result = results_[active.prompt];
    result.ids = active.beams.best().new_ids;
    result.reason = end_rule.reason(result.ids).value_or(FinishReason::kLength);
    if (!request_.on_token) return;
    for (const std::int64_t id : result.ids) request_.on_token(active.prompt, id);
  }

  const Model& model_;
  const GenerationRequest& request_;
  IncrementalDecoder decoder_;
  std::vector<ActivePrompt> active_;
  std::vector<Generation> results_;
};

// Continues all prompts that are not finished, one row of the batch each.
class SingleSearch {
 public:
  SingleSearch(const Model& model, const GenerationRequest& request)
      : request_(request), decoder_(model), results_(request.prompts.size()) {
    for (std::size_t prompt = 0; prompt < request.prompts.size(); ++prompt)
      active_.push_back({prompt, request.prompts[prompt], EndRule(model, request, prompt)});
  }

  std::vector<Generation> run() {
    at::Tensor scores = decoder_.append(request_.prompts);
    while (!active_.empty()) {
      const std::vector<std::int64_t> new_ids = advance(scores);
      if (!active_.empty()) scores = decoder_.append(new_ids);
    }
    return std::move(results_);
  }

 private:
  struct ActivePrompt {
    std::size_t prompt;
    std::vector<std::int64_t> text;  // the prompt's ids and the new ones
    EndRule end_rule;
  };

  // Adds a token to every text and returns those of the texts that go on. `scores`: [texts, vocab]
  std::vector<std::int64_t> advance(const at::Tensor& scores) {
    std::vector<ActivePrompt> still_active;
    std::vector<std::int64_t> rows, new_ids;
    for (std::size_t place = 0; place < active_.size(); ++place) {
      const auto row = static_cast<std::int64_t>(place);
      ActivePrompt& active = active_[place];
      const std::int64_t id = choose(scores[row], active);
      if (is_finished_by(id, active)) continue;
      active.text.push_back(id);
      rows.push_back(row);
      new_ids.push_back(id);
      still_active.push_back(std::move(active));
    }
    if (rows.size() < active_.size() && !rows.empty()) decoder_.select(rows);
    active_ = std::move(still_active);
    return new_ids;
  }

  std::int64_t choose(const at::Tensor& scores, const ActivePrompt& active) const {
    const GenerationOptions& options = request_.options;
    at::Tensor changed = scores;
    if (options.repetition_penalty != 1.0)
      changed = penalize_repetition(changed, active.text, options.repetition_penalty);
    if (!options.do_sample) return changed.argmax().item<std::int64_t>();
    if (options.temperature != 1.0) changed = changed / options.temperature;
    if (options.top_k > 0) changed = keep_top_k(changed, options.top_k);
    if (options.top_p < 1.0) changed = keep_top_p(changed, options.top_p);
    const CounterRandom random(static_cast<std::uint64_t>(options.seed), request_.first_prompt + active.prompt);
    return draw_token(changed, random.uniform(results_[active.prompt].ids.size()));
  }

  bool is_finished_by(std::int64_t id, const ActivePrompt& active) {
    Generation& result = results_[active.prompt];
    result.ids.push_back(id);
    if (request_.on_token) request_.on_token(active.prompt, id);
    const std::optional<FinishReason> reason = active.end_rule.reason(result.ids);
    if (reason) result.reason = *reason;
    return reason.has_value();
  }

  const GenerationRequest& request_;
  IncrementalDecoder decoder_;
  std::vector<ActivePrompt> active_;
  std::vector<Generation> results_;
};

}  // namespace

std::vector<Generation> search_beams(const Model& model, const GenerationRequest& request) {
  return BeamSearch(model, request).run();
}

std::vector<Generation> search_singly(const Model& model, const GenerationRequest& request) {
  return SingleSearch(model, request).run();
}

}  // namespace llmtool
