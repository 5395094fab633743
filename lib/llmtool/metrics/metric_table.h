#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "llmtool/metrics/answer_scores.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/embedding_scores.h"
#include "llmtool/metrics/entity_scores.h"
#include "llmtool/metrics/multi_label_scores.h"
#include "llmtool/metrics/regression_scores.h"
#include "llmtool/metrics/report.h"
#include "llmtool/metrics/token_scores.h"

namespace llmtool {

enum class Direction { kHigherIsBetter, kLowerIsBetter };

// What a metric is computed from; three are parts of LanguageModelScores: predicted tokens, tokens that make up a whole
// text, sentence pairs; kNullAnswerScores is AnswerScores where a question may be said to have no answer.
enum class RecordKind {
  kClassScores,
  kLoss,
  kTokenScores,
  kTextScores,
  kPairScores,
  kRetrievalScores,
  kSimilarityScores,
  kEntityScores,
  kMultiLabelScores,
  kRegressionScores,
  kAnswerScores,
  kNullAnswerScores
};

using ClassScoreMetric = MetricValue (*)(const ClassScoreSummary&);
using LossMetric = MetricValue (*)(const LossSum&);
using LanguageModelMetric = MetricValue (*)(const LanguageModelScores&);
using RetrievalMetric = MetricValue (*)(const RetrievalScores&);
using SimilarityMetric = MetricValue (*)(const SimilarityScores&);
using EntityMetric = MetricValue (*)(const EntityScores&);
using MultiLabelMetric = MetricValue (*)(const MultiLabelSummary&);
using RegressionMetric = MetricValue (*)(const RegressionScores&);
using AnswerMetric = MetricValue (*)(const AnswerScoreSummary&);

// What the perplexity of a masked language model is called whose tokens are hidden one by one.
inline constexpr std::string_view kPseudoPerplexity = "pseudo_perplexity";

// One metric. Adding one = its function beside those of its record and its row in metric_table.cpp.
struct MetricRow {
  std::string_view name;  // in JSON, tables and evaluation.metric
  Direction direction;
  RecordKind record;
  bool two_classes_only;  // precision, recall and f1 of the positive label
  std::variant<ClassScoreMetric, LossMetric, LanguageModelMetric, RetrievalMetric, SimilarityMetric, EntityMetric,
               MultiLabelMetric, RegressionMetric, AnswerMetric>
      compute;
  std::string_view help;
};

// All metrics, in the order they are shown. Records of several kinds may have a metric of one name; in which direction
// it is better is the same for all.
std::span<const MetricRow> metric_table();

// The figures of all metrics of a record, which are computed by functions of type `Compute`, in the order of the table.
template <class Compute, class Record>
std::vector<Metric> figures_of(RecordKind kind, const Record& record) {
  std::vector<Metric> figures;
  for (const MetricRow& row : metric_table()) {
    if (row.record != kind) continue;
    const MetricValue value = std::get<Compute>(row.compute)(record);
    figures.push_back({std::string(row.name), value.value, value.reason});
  }
  return figures;
}

// nullptr when there is none of this name.
const MetricRow* find_metric(std::string_view name);

std::vector<std::string> metric_names(RecordKind record);

// Whether `candidate` beats `best`; equal does not.
bool is_better(Direction direction, double candidate, double best);

}  // namespace llmtool
