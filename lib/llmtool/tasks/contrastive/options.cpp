#include "llmtool/tasks/contrastive/options.h"

#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

// A text is told from the others of its micro-batch.
void check_contrastive(const RunConfig& config, FieldErrors& errors) {
  const TrainingOptions& trainer = config.training.trainer;
  const bool has_hard_negatives = config.data.text.size() > 2;
  if (trainer.batch_size == 1 && !trainer.tokens_per_batch && !has_hard_negatives)
    errors.add("training.batch_size",
               "one text a micro-batch has no others to be told from, so nothing is learned; take 2 or more, or give "
               "hard negatives as a third column of data.text");
}

}  // namespace

TaskRow contrastive_row() {
  return {.kind = TaskKind::kContrastive,
          // Vectors are trained on texts without labels, mostly from a checkpoint: it may be called either.
          .verb = TrainingVerb::kEither,
          .model_noun = "encoder of texts",
          .default_metric = "loss",
          .most_texts = 1,
          .heads = {HeadKind::kNone},
          .fields = {"tokenizer.on_overlong", "tokenizer.truncation", "tokenizer.truncation_side", "data.max_rows",
                     "training.contrastive"},
          .eval_options = {"--label-column", "--max-rows", "a second --text-column"},
          .head = [](const RunConfig&) { return HeadKind::kNone; },
          .records =
              [](const RunConfig&) {
                return std::vector{RecordKind::kLoss, RecordKind::kRetrievalScores};
              },
          .check = check_contrastive};
}

}  // namespace llmtool
