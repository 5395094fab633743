#include "llmtool/tasks/language_modeling/options.h"

#include "llmtool/tasks/run_config.h"

namespace llmtool {
namespace {

bool has_pairs(const RunConfig& config) {
  return config.training.task.masked_lm.sentence_pairs != SentenceObjective::kNone;
}

// Pairs are made of whole documents, in a way of their own.
void check_pair_fields(const RunConfig& config, FieldErrors& errors) {
  if (!has_pairs(config)) return;
  const auto refuse = [&](const char* key) { errors.add(key, "has no part in training.sentence_pairs; leave it out"); };
  if (config.data.corpus.packing != Packing::kBlocks) refuse("data.packing");
  if (config.data.corpus.stride) refuse("data.stride");
}

void check_language_model(const RunConfig& config, FieldErrors& errors) {
  check_pair_fields(config, errors);
  if (config.data.text.size() > 1) errors.add("data.text", "a language model reads one column");
  if (config.model.config && config.tokenizer.from.empty())
    errors.add("tokenizer.from", "a model from scratch needs a tokenizer: name its folder");
}

HeadKind masked_lm_head(const RunConfig& config) {
  return has_pairs(config) ? HeadKind::kPretraining : HeadKind::kMaskedLm;
}

std::vector<RecordKind> masked_lm_records(const RunConfig& config) {
  std::vector<RecordKind> records{RecordKind::kLoss, RecordKind::kTokenScores};
  if (has_pairs(config)) records.push_back(RecordKind::kPairScores);
  return records;
}

TaskRow language_model_row() {
  return {.kind = TaskKind::kCausalLm,
          .verb = TrainingVerb::kPretrain,
          .model_noun = "language model",
          .default_metric = "loss",
          .most_texts = 0,
          .heads = {HeadKind::kCausalLm},
          .fields = {"model.config", "data.document", "data.packing", "data.stride", "data.cache"},
          .eval_options = {"--document", "--packing", "--stride", "--pseudo-perplexity", "--format text"},
          .check = check_language_model};
}

}  // namespace

TaskRow masked_lm_row() {
  TaskRow row = language_model_row();
  row.kind = TaskKind::kMaskedLm;
  row.heads = {HeadKind::kMaskedLm, HeadKind::kPretraining};
  for (const char* field : {"training.masking", "training.sentence_pairs"}) row.fields.emplace_back(field);
  row.head = masked_lm_head;
  row.records = masked_lm_records;
  return row;
}

TaskRow causal_lm_row() {
  TaskRow row = language_model_row();
  row.head = [](const RunConfig&) { return HeadKind::kCausalLm; };
  row.records = [](const RunConfig&) {
    return std::vector{RecordKind::kLoss, RecordKind::kTokenScores, RecordKind::kTextScores};
  };
  return row;
}

}  // namespace llmtool
