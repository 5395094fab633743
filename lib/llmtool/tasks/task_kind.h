#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// What a problem is. The names of all planned kinds are known, so that one not supported yet is refused by its name.
enum class TaskKind {
  kClassification,
  kMultiLabel,
  kRegression,
  kTokenClassification,
  kQuestionAnswering,
  kMaskedLm,
  kCausalLm,
  kContrastive,
};

template <>
struct EnumNames<TaskKind> {
  static constexpr std::array kNames{
      std::pair{TaskKind::kClassification, std::string_view("classification")},
      std::pair{TaskKind::kMultiLabel, std::string_view("multi_label")},
      std::pair{TaskKind::kRegression, std::string_view("regression")},
      std::pair{TaskKind::kTokenClassification, std::string_view("token_classification")},
      std::pair{TaskKind::kQuestionAnswering, std::string_view("question_answering")},
      std::pair{TaskKind::kMaskedLm, std::string_view("masked_lm")},
      std::pair{TaskKind::kCausalLm, std::string_view("causal_lm")},
      std::pair{TaskKind::kContrastive, std::string_view("contrastive")}};
};

// A new task: its own files in this module, its kind here, and the place that makes it in commands.
inline constexpr std::array kSupportedTasks{TaskKind::kClassification, TaskKind::kMaskedLm, TaskKind::kCausalLm,
                                            TaskKind::kContrastive};

constexpr bool is_supported(TaskKind kind) {
  for (const TaskKind supported : kSupportedTasks)
    if (supported == kind) return true;
  return false;
}

// A language model learns from running text without labels, with `llmtool pretrain`.
constexpr bool is_language_model(TaskKind kind) { return kind == TaskKind::kMaskedLm || kind == TaskKind::kCausalLm; }

// "the task 'regression' is not supported yet; this version knows: classification, …", without a
// position.
inline std::string unsupported_task_message(TaskKind kind) {
  std::string text = "the task '" + std::string(enum_name(kind)) + "' is not supported yet; this version knows: ";
  std::string_view separator;
  for (const TaskKind supported : kSupportedTasks) {
    text.append(separator).append(enum_name(supported));
    separator = ", ";
  }
  return text;
}

}  // namespace llmtool
