#include "llmtool/metrics/classification_report.h"

#include <algorithm>
#include <stdexcept>

#include "llmtool/metrics/classification_metrics.h"
#include "llmtool/metrics/metric_table.h"

namespace llmtool {
namespace {

Json class_figures(const ConfusionMatrix& confusion, std::int64_t class_id) {
  Json figures = Json::object();
  set_figure(figures, "precision", class_precision(confusion, class_id));
  set_figure(figures, "recall", class_recall(confusion, class_id));
  set_figure(figures, "f1", class_f1(confusion, class_id));
  figures["support"] = confusion.num_gold(class_id);
  return figures;
}

Json confusion_json(const ConfusionMatrix& confusion, const std::vector<std::string>& labels) {
  Json rows = Json::array();
  for (std::int64_t gold = 0; gold < confusion.num_classes(); ++gold) {
    Json row = Json::array();
    for (std::int64_t predicted = 0; predicted < confusion.num_classes(); ++predicted)
      row.push_back(confusion.count(gold, predicted));
    rows.push_back(std::move(row));
  }
  return Json{{"labels", labels}, {"rows", std::move(rows)}};
}

Json details_of(const ClassScoreSummary& summary) {
  const ConfusionMatrix& confusion = summary.confusion;
  Json details = Json::object();
  details["num_examples"] = confusion.num_examples();
  if (confusion.num_classes() == 2)
    details["positive_label"] = summary.labels[static_cast<std::size_t>(summary.positive_label)];
  Json support = Json::object();
  Json per_class = Json::object();
  for (std::int64_t class_id = 0; class_id < confusion.num_classes(); ++class_id) {
    const std::string& label = summary.labels[static_cast<std::size_t>(class_id)];
    support[label] = confusion.num_gold(class_id);
    per_class[label] = class_figures(confusion, class_id);
  }
  details["support"] = std::move(support);
  details["per_class"] = std::move(per_class);
  details["confusion_matrix"] = confusion_json(confusion, summary.labels);
  return details;
}

}  // namespace

MetricReport classification_report(const ClassScores& scores, const std::vector<std::string>& labels,
                                   std::int64_t positive_label) {
  if (static_cast<std::int64_t>(labels.size()) != scores.num_classes())
    throw std::invalid_argument("one label name per class is needed");
  if (scores.num_classes() == 2 && positive_label != 0 && positive_label != 1)
    throw std::invalid_argument("the positive label is 0 or 1");
  const ConfusionMatrix confusion(scores);
  const ClassScoreSummary summary{scores, confusion, labels, positive_label};
  MetricReport report;
  for (const MetricRow& row : metric_table()) {
    if (row.record != RecordKind::kClassScores) continue;
    if (row.two_classes_only && scores.num_classes() != 2) continue;
    const MetricValue value = std::get<ClassScoreMetric>(row.compute)(summary);
    report.metrics.push_back({std::string(row.name), value.value, value.reason});
  }
  report.details = details_of(summary);
  return report;
}

namespace {

constexpr double kCollapsedShare = 0.95;

double share(const ConfusionMatrix& confusion, std::int64_t count) {
  return static_cast<double>(count) / static_cast<double>(confusion.num_examples());
}

}  // namespace

MajorityBaseline majority_baseline(const ConfusionMatrix& confusion) {
  std::int64_t majority = 0;
  for (std::int64_t class_id = 1; class_id < confusion.num_classes(); ++class_id)
    if (confusion.num_gold(class_id) > confusion.num_gold(majority)) majority = class_id;
  return {majority, share(confusion, confusion.num_gold(majority))};
}

TopAnswer top_answer(const ConfusionMatrix& confusion) {
  std::int64_t top = 0;
  for (std::int64_t class_id = 1; class_id < confusion.num_classes(); ++class_id)
    if (confusion.num_predicted(class_id) > confusion.num_predicted(top)) top = class_id;
  return {top, share(confusion, confusion.num_predicted(top)), share(confusion, confusion.num_gold(top))};
}

bool has_collapsed(const ConfusionMatrix& confusion) {
  if (confusion.num_examples() == 0) return false;
  const TopAnswer top = top_answer(confusion);
  return top.share >= kCollapsedShare && top.gold_share < kCollapsedShare;
}

bool is_no_better_than_majority(const ConfusionMatrix& confusion) {
  if (confusion.num_examples() == 0) return false;
  const MajorityBaseline baseline = majority_baseline(confusion);
  return baseline.accuracy < 1.0 && confusion.num_correct() <= confusion.num_gold(baseline.class_id);
}

std::vector<Confusion> worst_confusions(const ConfusionMatrix& confusion, std::int64_t limit) {
  std::vector<Confusion> result;
  for (std::int64_t gold = 0; gold < confusion.num_classes(); ++gold)
    for (std::int64_t predicted = 0; predicted < confusion.num_classes(); ++predicted)
      if (const std::int64_t count = confusion.count(gold, predicted); gold != predicted && count > 0)
        result.push_back({gold, predicted, count, static_cast<double>(count) / confusion.num_gold(gold)});
  std::stable_sort(result.begin(), result.end(),
                   [](const Confusion& left, const Confusion& right) { return left.count > right.count; });
  if (static_cast<std::int64_t>(result.size()) > limit) result.resize(static_cast<std::size_t>(limit));
  return result;
}

}  // namespace llmtool
