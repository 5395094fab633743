#include "llmtool/metrics/probability_metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "llmtool/metrics/exact_sum.h"

namespace llmtool {
namespace {

constexpr const char* kNoExamples = "there are no examples";

double squared_distance(const ClassScores& scores, std::int64_t example) {
  double distance = 0.0;
  for (std::int64_t class_id = 0; class_id < scores.num_classes(); ++class_id) {
    const double truth = scores.gold(example) == class_id ? 1.0 : 0.0;
    const double difference = std::exp(scores.log_probability(example, class_id)) - truth;
    distance += difference * difference;
  }
  return distance;
}

struct CalibrationBin {
  ExactSum confidence;
  std::int64_t num_correct = 0;
};

}  // namespace

MetricValue log_loss(const ClassScoreSummary& summary) {
  const ClassScores& scores = summary.scores;
  if (scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  constexpr double kEpsilon = std::numeric_limits<double>::epsilon();
  const double lowest = std::log(kEpsilon);
  const double highest = std::log(1.0 - kEpsilon);
  ExactSum sum;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    sum.add(-std::clamp(scores.log_probability(example, scores.gold(example)), lowest, highest));
  return MetricValue::of(sum.value() / static_cast<double>(scores.num_examples()));
}

MetricValue brier_score(const ClassScoreSummary& summary) {
  const ClassScores& scores = summary.scores;
  if (scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  ExactSum sum;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example) sum.add(squared_distance(scores, example));
  const double scale = scores.num_classes() == 2 ? 0.5 : 1.0;
  return MetricValue::of(scale * sum.value() / static_cast<double>(scores.num_examples()));
}

MetricValue expected_calibration_error(const ClassScoreSummary& summary) {
  const ClassScores& scores = summary.scores;
  if (scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  constexpr std::int64_t kNumBins = 15;
  std::array<CalibrationBin, kNumBins> bins;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example) {
    const std::int64_t predicted = scores.predicted(example);
    const double confidence = std::min(1.0, std::exp(scores.log_probability(example, predicted)));
    const auto index = static_cast<std::int64_t>(std::ceil(confidence * kNumBins)) - 1;
    CalibrationBin& bin = bins[static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, kNumBins - 1))];
    bin.confidence.add(confidence);
    bin.num_correct += predicted == scores.gold(example);
  }
  ExactSum gaps;
  for (const CalibrationBin& bin : bins)
    gaps.add(std::abs(static_cast<double>(bin.num_correct) - bin.confidence.value()));
  return MetricValue::of(gaps.value() / static_cast<double>(scores.num_examples()));
}

}  // namespace llmtool
