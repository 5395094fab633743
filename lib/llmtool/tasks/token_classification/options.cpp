#include "llmtool/tasks/token_classification/options.h"

#include <string>
#include <vector>

#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

bool has_tagged_words(FileFormat format) {
  return format == FileFormat::kAuto || format == FileFormat::kConll || format == FileFormat::kJsonl;
}

void check_token_classification(const RunConfig& config, FieldErrors& errors) {
  const DataOptions& data = config.data;
  if (data.text.size() > 1) errors.add("data.text", "words, or the text they stand in, are in one column");
  if (data.label.size() > 1) errors.add("data.label", "the tags are in one column");
  if (!has_tagged_words(data.format))
    errors.add("data.format", std::string(enum_name(data.format)) + " has no tagged words; use conll or jsonl");
  if (!data.header) errors.add("data.header", "CoNLL columns and JSONL have no header to be without");
  if (data.layout.delimiter != Delimiter::kAuto)
    errors.add("data.delimiter", "is for CSV; CoNLL columns have a tab or spaces between them");
  const auto& max_length = config.tokenizer.max_length;
  if (const auto& stride = config.tokenizer.stride; stride && max_length && *stride >= *max_length)
    errors.add("tokenizer.stride", "must be below tokenizer.max_length, or windows would not move on");
}

}  // namespace

TaskRow token_classification_row() {
  return {.kind = TaskKind::kTokenClassification,
          .verb = TrainingVerb::kFinetune,
          .model_noun = "token classifier",
          .default_metric = "entity_f1",
          .has_layout = has_tagged_layout,
          .heads = {HeadKind::kTokenClassification},
          .fields = {"model.head", "model.classifier_dropout", "tokenizer.stride", "data.label", "data.labels",
                     "data.unknown_label", "data.max_rows", "data.tag_scheme", "data.illegal_tags",
                     "data.label_all_pieces", "training.label_smoothing", "evaluation.viterbi"},
          .eval_options = {"--label-column", "--unknown-label", "--max-rows", "--predictions", "--viterbi",
                           "--format conll"},
          .predict_options = {"aggregation", "viterbi"},
          .head = [](const RunConfig&) { return HeadKind::kTokenClassification; },
          .records =
              [](const RunConfig&) {
                return std::vector{RecordKind::kLoss, RecordKind::kEntityScores};
              },
          .check = check_token_classification};
}

}  // namespace llmtool
