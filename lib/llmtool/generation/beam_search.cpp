#include "llmtool/generation/beam_search.h"

#include <ATen/Functions.h>

#include <utility>

#include "llmtool/generation/incremental_decoder.h"
#include "llmtool/generation/prompt_beams.h"
#include "llmtool/generation/token_scores.h"

namespace llmtool {
namespace {

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

}  // namespace

std::vector<Generation> search_beams(const Model& model, const GenerationRequest& request) {
  return BeamSearch(model, request).run();
}

}  // namespace llmtool
