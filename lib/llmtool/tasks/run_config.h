#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "llmtool/config/config_errors.h"
#include "llmtool/core/fields.h"
#include "llmtool/data/options.h"
#include "llmtool/models/options.h"
#include "llmtool/tasks/task_table.h"
#include "llmtool/tokenizer/options.h"
#include "llmtool/training/options.h"

namespace llmtool {

// Section `training`: the trainer's own fields and those of the tasks stand side by side.
struct TrainingSection {
  TrainingOptions trainer;
  TaskOptions task;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    TrainingOptions::visit_fields(self.trainer, visit);
    TaskOptions::visit_fields(self.task, visit);
  }
  void check(FieldErrors& errors) const { trainer.check(errors); }
};

// Section `data`, in the same way.
struct DataSection : DataOptions {
  TaskDataOptions task;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    DataOptions::visit_fields(self, visit);
    TaskDataOptions::visit_fields(self.task, visit);
  }
};

// Section `evaluation`, in the same way.
struct EvaluationSection : EvaluationOptions {
  TaskEvaluationOptions task;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    EvaluationOptions::visit_fields(self, visit);
    TaskEvaluationOptions::visit_fields(self.task, visit);
  }
};

// A whole run config, as docs/config.md describes it.
struct RunConfig {
  TaskKind task = {};
  ModelOptions model;
  TokenizerOptions tokenizer;
  DataSection data;
  TrainingSection training;
  EvaluationSection evaluation;
  CheckpointOptions checkpoint;
  std::string output_dir;
  std::int64_t seed = 42;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("task", self.task, "What the model learns.", kRequired);
    visit("model", self.model, "Where the weights come from, and what is changed in them.");
    visit("tokenizer", self.tokenizer, "How text becomes tokens; the tokenizer itself comes with the model.");
    visit("data", self.data, "Files, columns and labels.");
    visit("training", self.training, "How the weights are trained.");
    visit("evaluation", self.evaluation, "When and by what the model is judged during training.");
    visit("checkpoint", self.checkpoint, "When the state of the run is saved.");
    visit("output_dir", self.output_dir,
          "Folder of the run; unset: runs/<name of the config file>. Not where the model, another run or data.cache "
          "has files of its own.",
          kPathText, kNotCompared);
    visit("seed", self.seed, "Start of every random number: splits, order, new weights, dropout.", at_least(0));
  }
  // Rules between sections; a field that has no part in the task must have its default.
  void check(FieldErrors& errors) const;
};

// The folder for tokenised text: data.cache, or corpora beside output_dir.
std::filesystem::path corpus_cache(const RunConfig& config);

// Fills what depends on the config's own name: output_dir. Records the origin in `positions`.
void resolve_output_directory(RunConfig& config, const std::string& config_path, FieldPositions& positions);

// Fills the columns that a task has names of its own for: data.text and data.label. Records the origin in `positions`.
void resolve_columns(RunConfig& config, FieldPositions& positions);

}  // namespace llmtool
