#include "llmtool/generation/end_rule.h"

#include <algorithm>

namespace llmtool {

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

}  // namespace llmtool
