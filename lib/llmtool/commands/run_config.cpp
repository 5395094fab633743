#include "llmtool/commands/run_config.h"

#include <algorithm>
#include <filesystem>
#include <string_view>

#include "llmtool/config/diff.h"
#include "llmtool/core/listed.h"
#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

bool has_validation(const RunConfig& config) { return config.data.validation.has_value(); }

// The metrics a config's evaluation yields.
std::vector<std::string> metric_names(const RunConfig& config) {
  std::vector<RecordKind> records{RecordKind::kLoss};
  if (config.task == TaskKind::kClassification) records.push_back(RecordKind::kClassScores);
  if (config.task == TaskKind::kContrastive) records.push_back(RecordKind::kRetrievalScores);
  if (is_language_model(config.task)) records.push_back(RecordKind::kTokenScores);
  if (config.task == TaskKind::kCausalLm) records.push_back(RecordKind::kTextScores);
  if (config.training.masked_lm.sentence_pairs != SentenceObjective::kNone) records.push_back(RecordKind::kPairScores);
  std::vector<std::string> names;
  for (const RecordKind record : records)
    for (std::string& name : metric_names(record)) names.push_back(std::move(name));
  return names;
}

void check_metric(const RunConfig& config, FieldErrors& errors) {
  const EvaluationOptions& evaluation = config.evaluation;
  if (!evaluation.metric) return;
  const std::vector<std::string> names = metric_names(config);
  if (std::find(names.begin(), names.end(), *evaluation.metric) != names.end()) return;
  const std::string nearest = nearest_name(*evaluation.metric, names);
  errors.add("evaluation.metric", "there is no metric " + quote(*evaluation.metric) +
                                      (nearest.empty() ? "." : "; did you mean " + nearest + "?") +
                                      " Known: " + listed(names));
}

// Fields that only some tasks use.
struct TaskField {
  std::string_view path;
  std::vector<TaskKind> tasks;
};

const std::vector<TaskField>& task_fields() {
  static const std::vector<TaskKind> classification{TaskKind::kClassification};
  static const std::vector<TaskKind> masked{TaskKind::kMaskedLm};
  static const std::vector<TaskKind> language{TaskKind::kMaskedLm, TaskKind::kCausalLm};
  static const std::vector<TaskKind> contrastive{TaskKind::kContrastive};
  static const std::vector<TaskKind> rows{TaskKind::kClassification, TaskKind::kContrastive};
  static const std::vector<TaskField> table = {
      {"model.head", classification},
      {"model.classifier_dropout", classification},
      {"model.config", language},
      {"tokenizer.on_overlong", rows},
      {"tokenizer.truncation", rows},
      {"tokenizer.truncation_side", rows},
      {"data.label", classification},
      {"data.labels", classification},
      {"data.unknown_label", classification},
      {"data.max_rows", rows},
      {"data.document", language},
      {"data.packing", language},
      {"data.stride", language},
      {"data.cache", language},
      {"training.class_weights", classification},
      {"training.label_smoothing", classification},
      {"training.masking", masked},
      {"training.sentence_pairs", masked},
      {"training.contrastive", contrastive},
      {"evaluation.positive_label", classification},
  };
  return table;
}

bool is_at_or_below(std::string_view path, std::string_view section) {
  return path.starts_with(section) &&
         (path.size() == section.size() || path[section.size()] == '.' || path[section.size()] == '[');
}

std::string joined_names(const std::vector<TaskKind>& tasks) {
  std::string text;
  for (const TaskKind task : tasks) text.append(text.empty() ? "" : " or ").append(enum_name(task));
  return text;
}

// A field without part in the task would do nothing: better said than passed over.
void check_task_fields(const RunConfig& config, FieldErrors& errors) {
  for (const FieldDifference& difference : diff_options(RunConfig(), config)) {
    for (const TaskField& field : task_fields()) {
      const bool is_used = std::find(field.tasks.begin(), field.tasks.end(), config.task) != field.tasks.end();
      if (!is_used && is_at_or_below(difference.path, field.path))
        errors.add(difference.path, "has no part in task " + std::string(enum_name(config.task)) + "; it is for " +
                                        joined_names(field.tasks));
    }
  }
}

// Pairs are made of whole documents, in a way of their own.
void check_pair_fields(const RunConfig& config, FieldErrors& errors) {
  if (config.training.masked_lm.sentence_pairs == SentenceObjective::kNone) return;
  const auto refuse = [&](const char* key) { errors.add(key, "has no part in training.sentence_pairs; leave it out"); };
  if (config.data.corpus.packing != Packing::kBlocks) refuse("data.packing");
  if (config.data.corpus.stride) refuse("data.stride");
}

// A text is told from the others of its micro-batch.
void check_candidates(const RunConfig& config, FieldErrors& errors) {
  const TrainingOptions& trainer = config.training.trainer;
  const bool has_hard_negatives = config.data.text.size() > 2;
  if (config.task == TaskKind::kContrastive && trainer.batch_size == 1 && !trainer.tokens_per_batch &&
      !has_hard_negatives)
    errors.add("training.batch_size",
               "one text a micro-batch has no others to be told from, so nothing is learned; take 2 or more, or give "
               "hard negatives as a third column of data.text");
}

// Where model, tokenizer and text come from.
void check_sources(const RunConfig& config, FieldErrors& errors) {
  if (is_language_model(config.task)) {
    if (config.data.text.size() > 1) errors.add("data.text", "a language model reads one column");
    if (config.model.config && config.tokenizer.from.empty())
      errors.add("tokenizer.from", "a model from scratch needs a tokenizer: name its folder");
    return;
  }
  if (config.data.train.size() > 1)
    errors.add("data.train",
               "the task " + std::string(enum_name(config.task)) + " is trained on one file; join them first");
  if (config.task != TaskKind::kClassification) return;
  if (config.data.text.size() > 2) errors.add("data.text", "a classifier reads one column, or two for pairs");
  if (config.data.format == FileFormat::kText)
    errors.add("data.format", "plain text has no labels; use csv, tsv or jsonl");
}

}  // namespace

void RunConfig::check(FieldErrors& errors) const {
  if (!is_supported(task)) errors.add("task", unsupported_task_message(task));
  check_task_fields(*this, errors);
  check_pair_fields(*this, errors);
  check_metric(*this, errors);
  check_sources(*this, errors);
  check_candidates(*this, errors);
  if (evaluation.early_stopping && !has_validation(*this))
    errors.add("evaluation.early_stopping",
               "needs validation data; set data.validation to a file or a share such as 0.1");
  if (evaluation.early_stopping && evaluation.every.kind == EvaluationInterval::Kind::kNever)
    errors.add("evaluation.early_stopping", "needs evaluations; set evaluation.every to epoch or a number of steps");
}

void resolve_output_directory(RunConfig& config, const std::string& config_path, FieldPositions& positions) {
  if (!config.output_dir.empty()) return;
  config.output_dir = (std::filesystem::path("runs") / std::filesystem::path(config_path).stem()).string();
  positions.set("output_dir", {"resolved from the name of the config"});
}

}  // namespace llmtool
