#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"
#include "llmtool/formats/table_layout.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/families.h"

namespace llmtool {

struct RunConfig;

// See task_table.h.
enum class TaskKind : int;

// By which verb a task is trained.
enum class TrainingVerb { kFinetune, kPretrain, kEither };

// What is known of a task without LibTorch. Each says it in its own folder; task_table.h has them all, and what is
// computed for it is made by task_makers.h.
struct TaskRow {
  TaskKind kind;
  TrainingVerb verb;
  // What its models are called in messages: "classifier".
  std::string_view model_noun;
  // evaluation.metric where a config has none.
  std::string_view default_metric;
  // Columns of data.text that are read together as one sequence; 0: sequences are cut from running text.
  std::int64_t most_texts = 1;
  // data.train may name several files, as where sequences are cut from running text.
  bool takes_several_files = false;
  // data.text and data.label where a config or another tool's model has none; empty: those of any config.
  std::vector<std::string> text_columns = {};
  std::vector<std::string> label_columns = {};
  // Whether a training file of this format and these columns has a layout that this task alone reads, without a choice
  // of columns; null where only the columns above tell.
  bool (*has_layout)(FileFormat format, const std::vector<std::string>& columns) = nullptr;
  // Whether the values of a column of labels are such as this task alone reads; null where other tasks do, too.
  bool (*has_labels)(const std::vector<std::string>& values) = nullptr;
  // By these a model folder is known as one of this task, and where tasks share a head by its config.json: null for the
  // one whose models need not say what they are.
  std::vector<HeadKind> heads = {};
  bool (*is_own_model)(const Json& config, const std::string& file) = nullptr;
  // Keys of a run config, and options of `llmtool eval`, that have no part in tasks which do not list them.
  std::vector<std::string_view> fields = {};
  std::vector<std::string_view> eval_options = {};
  // Those fields of TaskPredictOptions that have a part in this task.
  std::vector<std::string_view> predict_options = {};
  // What the config puts on the model's body.
  HeadKind (*head)(const RunConfig& config) = nullptr;
  // What its evaluations find, in the order in which their metrics are shown.
  std::vector<RecordKind> (*records)(const RunConfig& config) = nullptr;
  // Rules between sections of a config of this task.
  void (*check)(const RunConfig& config, FieldErrors& errors) = nullptr;
};

}  // namespace llmtool
