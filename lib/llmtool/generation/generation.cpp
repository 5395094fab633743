#include "llmtool/generation/generation.h"

#include <ATen/core/grad_mode.h>

#include <stdexcept>
#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/generation/search.h"

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

}  // namespace llmtool
