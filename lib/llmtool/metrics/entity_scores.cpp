#include "llmtool/metrics/entity_scores.h"

#include "llmtool/metrics/metric_table.h"
#include "llmtool/metrics/report.h"

namespace llmtool {
namespace {

double share(std::int64_t part, std::int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

void merge_counts(EntityCounts& into, const EntityCounts& from) {
  for (const auto& [type, count] : EntityCounts(from)) into[type] += count;
}

EntityCount total(const EntityCounts& counts) {
  EntityCount sum;
  for (const auto& [type, count] : counts) sum += count;
  return sum;
}

MetricValue mean_over_types(const EntityCounts& counts, EntityFigure figure) {
  if (counts.empty()) return MetricValue::undefined("there are no entities, neither gold nor predicted");
  ExactSum sum;
  for (const auto& [type, count] : counts) sum.add(entity_figure(count, figure).value.value_or(0.0));
  return MetricValue::of(sum.value() / static_cast<double>(counts.size()));
}

MetricValue mean_over_gold(const EntityCounts& counts, EntityFigure figure) {
  const std::int64_t num_gold = total(counts).num_gold;
  if (num_gold == 0) return MetricValue::undefined("there are no gold entities");
  ExactSum sum;
  for (const auto& [type, count] : counts)
    sum.add(entity_figure(count, figure).value.value_or(0.0) * static_cast<double>(count.num_gold));
  return MetricValue::of(sum.value() / static_cast<double>(num_gold));
}

Json figures_by_type(const EntityCounts& counts) {
  Json types = Json::object();
  for (const auto& [type, count] : counts) {
    Json& figures = types[type] = Json::object();
    set_figure(figures, "precision", entity_figure(count, EntityFigure::kPrecision));
    set_figure(figures, "recall", entity_figure(count, EntityFigure::kRecall));
    set_figure(figures, "f1", entity_figure(count, EntityFigure::kF1));
    figures["support"] = count.num_gold;
  }
  return types;
}

}  // namespace

EntityCount& EntityCount::operator+=(const EntityCount& other) {
  num_gold += other.num_gold;
  num_predicted += other.num_predicted;
  num_right += other.num_right;
  return *this;
}

void EntityScores::merge(const EntityScores& other) {
  merge_counts(entities, other.entities);
  merge_counts(strict, other.strict);
  num_words += other.num_words;
  num_right_words += other.num_right_words;
}

MetricValue entity_figure(const EntityCount& count, EntityFigure figure) {
  switch (figure) {
    case EntityFigure::kPrecision:
      if (count.num_predicted == 0) return MetricValue::undefined("no entity was predicted");
      return MetricValue::of(share(count.num_right, count.num_predicted));
    case EntityFigure::kRecall:
      if (count.num_gold == 0) return MetricValue::undefined("there are no gold entities");
      return MetricValue::of(share(count.num_right, count.num_gold));
    case EntityFigure::kF1:
      break;
  }
  if (count.num_gold + count.num_predicted == 0)
    return MetricValue::undefined("there are no entities, neither gold nor predicted");
  return MetricValue::of(share(2 * count.num_right, count.num_gold + count.num_predicted));
}

MetricValue entity_average(const EntityCounts& counts, EntityAverage average, EntityFigure figure) {
  switch (average) {
    case EntityAverage::kMacro:
      return mean_over_types(counts, figure);
    case EntityAverage::kWeighted:
      return mean_over_gold(counts, figure);
    case EntityAverage::kMicro:
      break;
  }
  return entity_figure(total(counts), figure);
}

MetricValue tag_accuracy(const EntityScores& scores) {
  if (scores.num_words == 0) return MetricValue::undefined("there are no words");
  return MetricValue::of(share(scores.num_right_words, scores.num_words));
}

MetricReport entity_report(const EntityScores& scores) {
  MetricReport report;
  report.metrics = figures_of<EntityMetric>(RecordKind::kEntityScores, scores);
  report.details["num_words"] = scores.num_words;
  report.details["per_type"] = figures_by_type(scores.entities);
  report.details["strict_per_type"] = figures_by_type(scores.strict);
  return report;
}

}  // namespace llmtool
