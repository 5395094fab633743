#include "llmtool/tasks/task_makers.h"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/tasks/classification/session.h"
#include "llmtool/tasks/classification/task.h"
#include "llmtool/tasks/contrastive/task.h"
#include "llmtool/tasks/language_modeling/fill_mask.h"
#include "llmtool/tasks/language_modeling/task.h"
#include "llmtool/tasks/multi_label/task.h"
#include "llmtool/tasks/question_answering/task.h"
#include "llmtool/tasks/regression/task.h"
#include "llmtool/tasks/token_classification/task.h"

namespace llmtool {
namespace {

constexpr std::array kMakers{
    TaskMaker{TaskKind::kClassification, make_classification_task, evaluate_classifier, make_label_predictor},
    TaskMaker{TaskKind::kTokenClassification, make_token_classification_task, evaluate_token_classifier,
              make_entity_predictor, nullptr, make_sentence_tagger},
    TaskMaker{TaskKind::kMultiLabel, make_multi_label_task, evaluate_multi_label, make_multi_label_predictor},
    TaskMaker{TaskKind::kRegression, make_regression_task, evaluate_regression, make_regression_predictor},
    TaskMaker{TaskKind::kQuestionAnswering, make_question_answering_task, evaluate_answers, make_answer_predictor},
    TaskMaker{TaskKind::kMaskedLm, make_language_model_task, evaluate_language_model, nullptr, make_filler_predictor},
    TaskMaker{TaskKind::kCausalLm, make_language_model_task, evaluate_language_model},
    TaskMaker{TaskKind::kContrastive, make_contrastive_task, evaluate_encoder},
};

}  // namespace

const TaskMaker& task_maker(TaskKind kind) {
  const auto* const found = std::ranges::find(kMakers, kind, &TaskMaker::kind);
  if (found == kMakers.end()) throw std::logic_error("a task without a maker");
  return *found;
}

std::unique_ptr<TextPredictor> make_predictor(const PredictorOptions& options) {
  if (options.fill_mask) {
    const auto* const filler =
        std::ranges::find_if(kMakers, [](const TaskMaker& maker) { return maker.make_mask_filler != nullptr; });
    return filler->make_mask_filler(options);
  }
  const TaskMaker& own = task_maker(task_of_model(options.model).kind);
  return (own.make_predictor != nullptr ? own : kMakers.front()).make_predictor(options);
}

std::unique_ptr<SentenceTagger> make_tagger(const PredictorOptions& options) {
  const TaskRow& row = task_of_model(options.model);
  const TaskMaker& own = task_maker(row.kind);
  if (own.make_tagger == nullptr)
    throw UsageError("CoNLL columns hold words to be tagged, which " + options.model.string() +
                     " does not do: it is a " + std::string(row.model_noun));
  return own.make_tagger(options);
}

}  // namespace llmtool
