#pragma once

#include <cstdint>
#include <optional>

#include "llmtool/core/fields.h"
#include "llmtool/metrics/answer_scores.h"
#include "llmtool/tasks/task_row.h"

namespace llmtool {

// In config.json: by how much no answer must score higher than the best one to be said. Its presence tells a model that
// knows of questions without an answer.
inline constexpr const char* kNullThresholdKey = "null_score_diff_threshold";

// Fields of section `data`.
struct QuestionDataOptions {
  std::optional<std::int64_t> max_question_length;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("max_question_length", self.max_question_length,
          "Question answering: most tokens of a question; longer ones are cut. Unset: questions are whole, and one "
          "that leaves no room for its context is an error.",
          at_least(1));
  }
};

// Fields of section `evaluation`.
struct AnswerOptions {
  std::int64_t n_best = 20;
  std::int64_t max_answer_length = 30;
  bool by_max_context = false;
  std::optional<double> null_threshold;
  AnswerRules answer_rules = AnswerRules::kSquad;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("n_best", self.n_best,
          "Question answering: starts and ends of a window that are combined, best first, and answers kept of a "
          "question.",
          in_range<std::int64_t>(1, 1000));
    visit("max_answer_length", self.max_answer_length, "Question answering: most tokens of an answer.", at_least(1));
    visit("by_max_context", self.by_max_context,
          "Question answering: take an answer only from the window in which its first token has the most context.");
    visit("null_threshold", self.null_threshold,
          "Question answering: that there is no answer is said where it scores by so much more than the best answer. "
          "Unset: where training questions have no answer, the threshold with the best answer_f1 on the validation "
          "data, else 0.");
    visit("answer_rules", self.answer_rules,
          "Question answering: what is left out before answers are compared, as in SQuAD's script, or that of MLQA for "
          "a language.");
  }
};

// For `llmtool eval` and `llmtool predict`.
struct GivenAnswerOptions {
  std::optional<double> null_threshold;

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    visit("null_threshold", self.null_threshold,
          "Question answering: say that there is no answer where it scores by so much more than the best answer "
          "(default: as the model has it)",
          OptionForm{.value = "NUMBER"});
  }
};

TaskRow question_answering_row();

}  // namespace llmtool
