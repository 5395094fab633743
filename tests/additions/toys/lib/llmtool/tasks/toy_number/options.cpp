#include "llmtool/tasks/toy_number/options.h"

#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

void check_toy_number(const RunConfig& config, FieldErrors& errors) {
  if (config.data.label.size() != 1) errors.add("data.label", "a toy number stands in one column");
}

}  // namespace

TaskRow toy_number_row() {
  return {.kind = TaskKind::kToyNumber,
          .verb = TrainingVerb::kFinetune,
          .model_noun = "model of toy numbers",
          .default_metric = "loss",
          .most_texts = 2,
          .heads = {HeadKind::kToyNumber},
          .fields = {"tokenizer.on_overlong", "tokenizer.truncation", "tokenizer.truncation_side", "data.label",
                     "data.max_rows", "training.toy_scale"},
          .eval_options = {"--label-column", "--max-rows"},
          .head = [](const RunConfig&) { return HeadKind::kToyNumber; },
          .records = [](const RunConfig&) { return std::vector{RecordKind::kLoss}; },
          .check = check_toy_number};
}

}  // namespace llmtool
