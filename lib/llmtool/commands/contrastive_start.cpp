#include "llmtool/commands/contrastive_start.h"

#include <algorithm>
#include <array>
#include <filesystem>
#include <variant>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"
#include "llmtool/inference/sentence_transformer.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kTrainedModules{"Transformer", "Pooling", "Normalize"};

void refuse_lost_modules(const std::string& model) {
  const std::string file = (fs::path(model) / kModuleListFile).string();
  if (transformer_folder(model) != fs::path(model))
    throw ModelError(
        file +
        ": the Transformer lies in a folder of its own; `llmtool convert` writes one that training can start from");
  for (const ModuleRow& module : read_module_list(model).value_or(std::vector<ModuleRow>{}))
    if (std::ranges::find(kTrainedModules, module.own_type()) == kTrainedModules.end())
      throw ModelError(file + ": the module " + quote(module.type) +
                       " would be lost, for contrastive training has a Transformer, a Pooling and a Normalize only");
}

// The one pooling, and perhaps a normalisation behind it.
const PoolingStep& only_pooling(const VectorSteps& steps, const std::string& file) {
  const std::vector<VectorStep>& list = steps.steps();
  const auto* pooling = list.empty() ? nullptr : std::get_if<PoolingStep>(&list.front());
  if (pooling == nullptr || list.size() > 2 || (list.size() == 2 && !steps.ends_with_normalization()))
    throw ModelError(file +
                     ": contrastive training has one Pooling and perhaps a Normalize of texts behind it; other lists "
                     "of modules would be lost");
  return *pooling;
}

Pooling one_mode(const PoolingStep& step, const std::string& model) {
  if (step.modes.size() == 1) return step.modes.front();
  throw ModelError(model + ": pooling by " + listed(step.modes, [](Pooling mode) { return quote(enum_name(mode)); }) +
                   " together would be lost; training.contrastive.pooling chooses one of them");
}

}  // namespace

ContrastiveStart read_contrastive_start(const std::string& model, std::optional<Pooling> pooling, EventSink& events) {
  refuse_lost_modules(model);
  const SentenceTransformer folder = read_sentence_transformer(model);
  for (const std::string& warning : folder.warnings) events.warning(warning);
  const PoolingStep& step = only_pooling(folder.steps, (fs::path(model) / kModuleListFile).string());
  if (const auto& name = folder.settings.default_prompt; name && !folder.settings.prompt(*name).value_or("").empty())
    events.warning("the prompt " + quote(*name) + ", which " + model +
                   " puts before texts by default, is kept for later use but not put before those of training");
  return {pooling ? *pooling : one_mode(step, model),
          step.include_prompt,
          folder.steps.ends_with_normalization(),
          folder.reading.lowercase,
          folder.reading.max_length,
          folder.settings.document};
}

}  // namespace llmtool
