#include "llmtool/generation/single_search.h"

#include <ATen/Functions.h>

#include <utility>

#include "llmtool/core/random.h"
#include "llmtool/generation/end_rule.h"
#include "llmtool/generation/incremental_decoder.h"
#include "llmtool/generation/token_scores.h"

namespace llmtool {
namespace {

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

std::vector<Generation> search_singly(const Model& model, const GenerationRequest& request) {
  return SingleSearch(model, request).run();
}

}  // namespace llmtool
