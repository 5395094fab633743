#pragma once

#include <array>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/tasks/classification/options.h"
#include "llmtool/tasks/contrastive/options.h"
#include "llmtool/tasks/language_modeling/options.h"
#include "llmtool/tasks/multi_label/options.h"
#include "llmtool/tasks/question_answering/options.h"
#include "llmtool/tasks/regression/options.h"
#include "llmtool/tasks/task_row.h"
#include "llmtool/tasks/token_classification/options.h"

namespace llmtool {

// What a problem is.
enum class TaskKind : int {
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

// The fields of section `training` that belong to tasks; they stand beside the trainer's own.
struct TaskOptions {
  ClassificationOptions classification;
  MultiLabelTrainingOptions multi_label;
  RegressionTrainingOptions regression;
  MaskedLanguageModelOptions masked_lm;
  ContrastiveOptions contrastive;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    ClassificationOptions::visit_fields(self.classification, visit);
    MultiLabelTrainingOptions::visit_fields(self.multi_label, visit);
    RegressionTrainingOptions::visit_fields(self.regression, visit);
    MaskedLanguageModelOptions::visit_fields(self.masked_lm, visit);
    visit("contrastive", self.contrastive, "Contrastive learning: how vectors of texts are made and compared.");
  }
};

// The same of section `data`.
struct TaskDataOptions {
  MultiLabelDataOptions multi_label;
  RegressionDataOptions regression;
  QuestionDataOptions question_answering;
  TokenClassificationDataOptions token_classification;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    MultiLabelDataOptions::visit_fields(self.multi_label, visit);
    RegressionDataOptions::visit_fields(self.regression, visit);
    QuestionDataOptions::visit_fields(self.question_answering, visit);
    TokenClassificationDataOptions::visit_fields(self.token_classification, visit);
  }
};

// The same of section `evaluation`.
struct TaskEvaluationOptions {
  ClassificationEvaluationOptions classification;
  MultiLabelEvaluationOptions multi_label;
  AnswerOptions question_answering;
  TokenClassificationEvaluationOptions token_classification;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    ClassificationEvaluationOptions::visit_fields(self.classification, visit);
    MultiLabelEvaluationOptions::visit_fields(self.multi_label, visit);
    AnswerOptions::visit_fields(self.question_answering, visit);
    TokenClassificationEvaluationOptions::visit_fields(self.token_classification, visit);
  }
};

// The options of `llmtool eval` that belong to tasks.
struct TaskEvalOptions {
  ClassificationEvalOptions classification;
  MultiLabelThresholdOption multi_label;
  GivenAnswerOptions question_answering;
  LanguageModelEvalOptions language_model;
  TokenClassificationEvalOptions token_classification;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    ClassificationEvalOptions::visit_fields(self.classification, visit);
    MultiLabelThresholdOption::visit_fields(self.multi_label, visit);
    GivenAnswerOptions::visit_fields(self.question_answering, visit);
    LanguageModelEvalOptions::visit_fields(self.language_model, visit);
    TokenClassificationEvalOptions::visit_fields(self.token_classification, visit);
  }
};

// The options of `llmtool predict` that belong to tasks.
struct TaskPredictOptions {
  MultiLabelThresholdOption multi_label;
  GivenAnswerOptions question_answering;
  TokenClassificationPredictOptions token_classification;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    MultiLabelThresholdOption::visit_fields(self.multi_label, visit);
    GivenAnswerOptions::visit_fields(self.question_answering, visit);
    TokenClassificationPredictOptions::visit_fields(self.token_classification, visit);
  }
};

// In the order they are shown.
inline const std::vector<TaskRow>& task_table() {
  static const std::vector<TaskRow> table{
      classification_row(),     multi_label_row(), regression_row(), token_classification_row(),
      question_answering_row(), masked_lm_row(),   causal_lm_row(),  contrastive_row()};
  return table;
}

const TaskRow& task_row(TaskKind kind);

// Whether something that `llmtool eval` is told ("--max-rows", "--format text") belongs to other tasks alone.
bool is_eval_option_of_others(const TaskRow& task, std::string_view option);

// The task of a model folder, by the class that its config.json names; a model with a head that is not known here
// counts as one of the first task, whose loading tells what it lacks. Throws ModelError when there is no model.
const TaskRow& task_of_model(const std::filesystem::path& directory);

}  // namespace llmtool
