#pragma once

#include <optional>
#include <string>

#include "llmtool/core/events.h"
#include "llmtool/core/json.h"
#include "llmtool/inference/truncation_choice.h"
#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// What a contrastive run keeps of how the folder it starts from makes vectors of texts.
struct ContrastiveStart {
  Pooling pooling = Pooling::kMean;
  bool include_prompt = true;
  bool normalize = true;
  bool lowercase = false;
  std::optional<StatedLength> max_length;
  Json settings;  // config_sentence_transformers.json; null without one
};

// `pooling`: that of the config, which goes before the folder's. Throws ModelError naming a module that the run would
// lose.
ContrastiveStart read_contrastive_start(const std::string& model, std::optional<Pooling> pooling, EventSink& events);

}  // namespace llmtool
