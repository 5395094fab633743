#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/data/encoded_dataset.h"
#include "llmtool/data/questions.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/answer_scores.h"
#include "llmtool/metrics/report.h"
#include "llmtool/models/model.h"
#include "llmtool/tasks/question_answering/data.h"
#include "llmtool/tasks/question_answering/options.h"
#include "llmtool/tasks/question_answering/span_search.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// A model with this head scores for every token that it is the start of the answer, and that it is its end.
inline constexpr std::int64_t kAnswerScores = 2;

struct QuestionBatch : Batch {
  explicit QuestionBatch(ModelInput packed) : input(std::move(packed)) {}

  ModelInput input;
  std::vector<std::int64_t> answer_tokens;  // [sequences, 2]
};

QuestionBatch make_question_batch(const EncodedDataset& dataset, std::span<const std::int64_t> features,
                                  c10::Device device);

// Over each window's tokens, the cross entropies of start and end, halved; as the loss of Hugging Face's heads, in
// whose softmax padding has a part besides. The mean divides the sum by the windows. Forward pass with gradients, in
// whatever mode the model is in.
std::vector<LossTerm> question_loss(const Model& model, const QuestionBatch& batch);

// How answers are sought and judged.
struct AnswerSettings {
  SpanSearchOptions search;
  AnswerRules rules = AnswerRules::kSquad;
  // For models that may say that there is no answer; unset: the one with the best F1 on the evaluated questions.
  std::optional<double> null_threshold;

  static AnswerSettings from(const AnswerOptions& options, bool allows_null);
};

// The answer to one question.
struct GivenAnswer {
  FoundAnswers found;
  JudgedAnswer judged;
  std::string text;  // of the best span; "" when there is none
};

// The outcome of an evaluation, answers in the order of the questions.
struct QuestionEvaluation {
  std::vector<GivenAnswer> answers;
  // Answers whose margin is above it are not given; unset for models that always answer.
  std::optional<double> null_threshold;
  // `loss`, exact_match and answer_f1; where a question may have no answer, the figures about that as well.
  MetricReport report;
};

// The windows of a question with what the model says of them.
std::vector<AnswerWindow> answer_windows(const QuestionFeatures& features, const TokenScoreTable& scores,
                                         std::int64_t question);

// Throws NonFiniteError.
void require_finite(const AnswerWindow& window);

// The one that is given: the best, or the null answer where that is above the threshold; null when there is none at
// all.
const AnswerSpan* given_answer(const FoundAnswers& found, double null_threshold);

// Code points [begin, end) of a text.
std::string code_points_of(std::string_view text, std::int64_t begin, std::int64_t end);

// Answers all questions in evaluation mode and puts the model back into the mode it was in. `what` names the progress
// ("evaluating validation"). Throws NonFiniteError naming the question when the model returns NaN or infinity.
QuestionEvaluation evaluate_questions(Model& model, const QuestionFile& file, const QuestionFeatures& features,
                                      const AnswerSettings& settings, const ScoringOptions& options,
                                      const std::string& what, EventSink& events);

}  // namespace llmtool
