#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "llmtool/generation/generation.h"

namespace llmtool {

// What ends a prompt's texts.
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

}  // namespace llmtool
