#pragma once

#include <memory>

#include "llmtool/inference/text_predictor.h"
#include "llmtool/tasks/requests.h"
#include "llmtool/tasks/task.h"

namespace llmtool {

// What a task computes, by its kind. One row for each of task_table().
struct TaskMaker {
  TaskKind kind;
  std::unique_ptr<Task> (*make)();
  // Scores a file with a model folder. Throws ModelError, DataError, UsageError, ResourceError, NonFiniteError; nothing
  // of a predictions file is left behind then.
  EvalResult (*evaluate)(const EvalRequest& request, EventSink& events);
  // Each loads a model that says something about texts: what its task is about, or what stands for mask tokens. Throws
  // ModelError. Null for a task without one.
  std::unique_ptr<TextPredictor> (*make_predictor)(const PredictorOptions& options) = nullptr;
  std::unique_ptr<TextPredictor> (*make_mask_filler)(const PredictorOptions& options) = nullptr;
  // Loads a model that tags given words. Throws ModelError. Null for a task without one.
  std::unique_ptr<SentenceTagger> (*make_tagger)(const PredictorOptions& options) = nullptr;
};

// For a kind that has a row in task_table().
const TaskMaker& task_maker(TaskKind kind);

// By the model's own task; a model whose task says nothing about texts is loaded as one of the first, which tells what
// it lacks. With fill_mask, by the task that fills masks. Throws ModelError.
std::unique_ptr<TextPredictor> make_predictor(const PredictorOptions& options);

// By the model's own task. Throws UsageError when that tags no words, ModelError.
std::unique_ptr<SentenceTagger> make_tagger(const PredictorOptions& options);

}  // namespace llmtool
