#include "llmtool/tasks/question_answering/objective.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <variant>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/inference/encoded_texts.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/models/scoring_heads.h"

namespace llmtool {
namespace {

constexpr const char* kAnswerLoss = "loss";

// [sequences, tokens, 2], beyond a sequence's end -infinity, from [tokens, 2]
at::Tensor padded_scores(const at::Tensor& scores, const SequenceLayout& layout) {
  const std::vector<std::int64_t> shape{layout.num_sequences(), layout.max_length(), kAnswerScores};
  if (layout.is_uniform()) return scores.view(shape);
  return scores.index_select(0, layout.padded_to_packed())
      .view(shape)
      .masked_fill(layout.padding_mask().unsqueeze(-1), -std::numeric_limits<float>::infinity());
}

}  // namespace

QuestionBatch make_question_batch(const EncodedDataset& dataset, std::span<const std::int64_t> features,
                                  c10::Device device) {
  QuestionBatch batch(make_model_input(dataset, features, device));
  const auto& column = dataset.column<std::int64_t>(kAnswerTokens);
  for (const std::int64_t feature : features) {
    const std::span<const std::int64_t> tokens = column.row(feature);
    batch.answer_tokens.insert(batch.answer_tokens.end(), tokens.begin(), tokens.end());
  }
  batch.denominators = {static_cast<double>(features.size())};
  batch.num_rows = batch.input.layout.num_tokens();
  return batch;
}

std::vector<LossTerm> question_loss(const Model& model, const QuestionBatch& batch) {
  const at::Tensor scores = token_logits(model, batch.input).to(at::kFloat);
  const SequenceLayout& layout = batch.input.layout;
  // [sequences * 2, tokens]: starts and ends of a sequence are a row each
  const at::Tensor rows = padded_scores(scores, layout).transpose(1, 2).reshape({-1, layout.max_length()});
  const at::Tensor targets = at::tensor(batch.answer_tokens, at::kLong).to(scores.device());
  return {{kAnswerLoss, at::cross_entropy_loss(rows, targets, {}, at::Reduction::Sum) / 2}};
}

AnswerSettings AnswerSettings::from(const AnswerOptions& options, bool allows_null) {
  return {{options.n_best, options.max_answer_length, options.by_max_context, allows_null},
          options.answer_rules,
          options.null_threshold};
}

std::vector<AnswerWindow> answer_windows(const QuestionFeatures& features, const TokenScoreTable& scores,
                                         std::int64_t question) {
  std::vector<AnswerWindow> windows;
  const auto place = static_cast<std::size_t>(question);
  for (std::int64_t f = features.first_features[place]; f < features.first_features[place + 1]; ++f)
    windows.push_back({scores.feature(f), features.offsets.row(f), features.first_tokens[static_cast<std::size_t>(f)],
                       features.first_places[static_cast<std::size_t>(f)]});
  return windows;
}

std::string code_points_of(std::string_view text, std::int64_t begin, std::int64_t end) {
  std::size_t place = 0;
  std::int64_t number = 0;
  for (; number < begin && place < text.size(); ++number) decode_utf8(text, place);
  const std::size_t first = place;
  for (; number < end && place < text.size(); ++number) decode_utf8(text, place);
  return std::string(text.substr(first, place - first));
}

void require_finite(const AnswerWindow& window) {
  for (const float score : window.scores)
    if (!std::isfinite(score)) throw NonFiniteError("the model returns NaN or infinity");
}

const AnswerSpan* given_answer(const FoundAnswers& found, double null_threshold) {
  const auto null = std::ranges::find_if(found.spans, &AnswerSpan::is_null);
  const bool has_null = null != found.spans.end();
  if (found.best && (!has_null || found.null_margin() <= null_threshold)) return &found.spans[*found.best];
  return has_null ? &*null : nullptr;
}

namespace {

class QuestionJudge {
 public:
  QuestionJudge(const QuestionFile& file, const QuestionFeatures& features, const TokenScoreTable& scores,
                const AnswerSettings& settings)
      : file_(file), features_(features), scores_(scores), settings_(settings) {}

  QuestionEvaluation judge() {
    for (std::size_t question = 0; question < file_.questions.size(); ++question) judge(question);
    if (settings_.search.allows_null)
      result_.null_threshold =
          settings_.null_threshold.value_or(best_threshold(answers_, &AnswerAgreement::f1).threshold);
    fill_report();
    return std::move(result_);
  }

 private:
  void judge(std::size_t number) {
    const Question& question = file_.questions[number];
    const std::vector<AnswerWindow> windows = answer_windows(features_, scores_, static_cast<std::int64_t>(number));
    try {
      for (const AnswerWindow& window : windows) require_finite(window);
    } catch (const NonFiniteError& error) {
      throw NonFiniteError(question.place + ": " + error.what());
    }
    GivenAnswer answer{search_answers(windows, settings_.search), {}, ""};
    if (answer.found.best) {
      const AnswerSpan& span = answer.found.spans[*answer.found.best];
      answer.text = code_points_of(question.context, span.begin, span.end);
    }
    answer.judged = judge(question, answer);
    answers_.add(answer.judged);
    add_losses(number, windows);
    result_.answers.push_back(std::move(answer));
  }

  JudgedAnswer judge(const Question& question, const GivenAnswer& answer) const {
    std::vector<std::string> gold;
    for (const AnswerText& right : question.answers) gold.push_back(right.text);
    JudgedAnswer judged{.has_gold = !gold.empty(),
                        .is_empty = answer.text.empty(),
                        .null_margin = -std::numeric_limits<double>::infinity()};
    if (!may_lack_answers()) {
      judged.answer = agree_with_any(answer.text, gold, settings_.rules);
      return judged;
    }
    judged.answer = agree_with_any_or_none(answer.text, gold, settings_.rules);
    judged.none = agree_with_any_or_none("", gold, settings_.rules);
    if (settings_.search.allows_null) judged.null_margin = answer.found.null_margin();
    return judged;
  }

  // By SQuAD 2.0's rules.
  bool may_lack_answers() const { return settings_.search.allows_null || file_.num_unanswerable > 0; }

  void add_losses(std::size_t number, std::span<const AnswerWindow> windows) {
    const auto& targets = features_.dataset.column<std::int64_t>(kAnswerTokens);
    std::int64_t feature = features_.first_features[number];
    for (const AnswerWindow& window : windows) {
      double loss = 0.0;
      for (std::size_t column = 0; column < kAnswerScores; ++column)
        loss -= log_softmax(column_of(window, column))[static_cast<std::size_t>(targets.row(feature)[column])];
      loss_.add(loss / 2, 1.0);
      ++feature;
    }
  }

  static std::vector<float> column_of(const AnswerWindow& window, std::size_t column) {
    std::vector<float> values;
    for (std::size_t i = column; i < window.scores.size(); i += kAnswerScores) values.push_back(window.scores[i]);
    return values;
  }

  void fill_report() {
    MetricReport& report = result_.report;
    const MetricValue loss = mean_loss(loss_);
    report.metrics.push_back({kAnswerLoss, loss.value, loss.reason});
    const AnswerScoreSummary summary{answers_, result_.null_threshold.value_or(0.0)};
    for (const MetricRow& row : metric_table()) {
      const bool is_about_null = row.record == RecordKind::kNullAnswerScores && may_lack_answers();
      if (row.record != RecordKind::kAnswerScores && !is_about_null) continue;
      const MetricValue value = std::get<AnswerMetric>(row.compute)(summary);
      report.metrics.push_back({std::string(row.name), value.value, value.reason});
    }
    report.details["num_examples"] = std::ssize(file_.questions);
    if (may_lack_answers()) report.details["num_unanswerable"] = file_.num_unanswerable;
    if (result_.null_threshold) report.details["null_threshold"] = *result_.null_threshold;
  }

  const QuestionFile& file_;
  const QuestionFeatures& features_;
  const TokenScoreTable& scores_;
  const AnswerSettings& settings_;
  AnswerScores answers_;
  LossSum loss_;
  QuestionEvaluation result_;
};

}  // namespace

QuestionEvaluation evaluate_questions(Model& model, const QuestionFile& file, const QuestionFeatures& features,
                                      const AnswerSettings& settings, const ScoringOptions& options,
                                      const std::string& what, EventSink& events) {
  const EvaluationMode evaluation_mode(model);
  const auto report_progress = [&](std::int64_t num_done) {
    events.progress(
        {.name = what, .done = num_done, .total = features.dataset.num_features(), .unit = "windows", .detail = {}});
  };
  const TokenScoreTable scores = score_tokens(model, features.dataset, kAnswerScores, options, report_progress);
  return QuestionJudge(file, features, scores, settings).judge();
}

}  // namespace llmtool
