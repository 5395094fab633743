#include "llmtool/metrics/multi_label_scores.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/class_scores.h"
#include "llmtool/metrics/metric_table.h"
#include "llmtool/metrics/rank_statistics.h"

namespace llmtool {

double sigmoid(double logit) { return 1.0 / (1.0 + std::exp(-logit)); }

MultiLabelScores::MultiLabelScores(std::int64_t num_labels) : num_labels_(num_labels) {
  if (num_labels < 1) throw std::invalid_argument("scores need at least one label");
}

void MultiLabelScores::add(std::span<const std::int64_t> gold, std::span<const float> logits) {
  if (static_cast<std::int64_t>(logits.size()) != num_labels_)
    throw std::invalid_argument("there must be a score for each label");
  require_finite_scores(logits);
  logits_.insert(logits_.end(), logits.begin(), logits.end());
  is_gold_.resize(logits_.size());
  for (const std::int64_t label : gold) is_gold_.at(index(num_examples() - 1, label)) = 1;
}

void MultiLabelScores::merge(const MultiLabelScores& other) {
  if (other.num_labels_ != num_labels_) throw std::invalid_argument("scores of different numbers of labels");
  const MultiLabelScores copy = other;  // merging with itself is allowed
  is_gold_.insert(is_gold_.end(), copy.is_gold_.begin(), copy.is_gold_.end());
  logits_.insert(logits_.end(), copy.logits_.begin(), copy.logits_.end());
}

std::vector<std::int64_t> labels_above(std::span<const double> probabilities, std::span<const double> thresholds) {
  std::vector<std::int64_t> labels;
  for (std::size_t label = 0; label < probabilities.size(); ++label)
    if (probabilities[label] > thresholds[label]) labels.push_back(static_cast<std::int64_t>(label));
  return labels;
}

MultiLabelSummary::MultiLabelSummary(const MultiLabelScores& all, const std::vector<std::string>& names,
                                     const std::vector<double>& thresholds)
    : scores(all),
      labels(names),
      num_true_positive(names.size()),
      num_gold(names.size()),
      num_predicted(names.size()),
      num_right_of_example(static_cast<std::size_t>(all.num_examples())),
      num_gold_of_example(num_right_of_example.size()),
      num_predicted_of_example(num_right_of_example.size()) {
  for (std::size_t example = 0; example < num_right_of_example.size(); ++example)
    for (std::size_t label = 0; label < names.size(); ++label) {
      const auto row = static_cast<std::int64_t>(example);
      const auto column = static_cast<std::int64_t>(label);
      const bool is_gold = all.is_gold(row, column);
      const bool is_predicted = all.probability(row, column) > thresholds.at(label);
      num_true_positive[label] += is_gold && is_predicted;
      num_gold[label] += is_gold;
      num_predicted[label] += is_predicted;
      num_right_of_example[example] += is_gold && is_predicted;
      num_gold_of_example[example] += is_gold;
      num_predicted_of_example[example] += is_predicted;
    }
}

namespace {

constexpr const char* kNoExamples = "there are no examples";

std::int64_t sum(const std::vector<std::int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
}

// What is right, to be found and found, of a label, of an example, or of all decisions.
struct Counts {
  std::int64_t right;
  std::int64_t gold;
  std::int64_t predicted;
};

// A share of counts; nothing where it has no denominator.
using Share = std::optional<double> (*)(const Counts&);

std::optional<double> ratio(std::int64_t part, std::int64_t whole) {
  if (whole == 0) return std::nullopt;
  return static_cast<double>(part) / static_cast<double>(whole);
}

std::optional<double> precision_of(const Counts& counts) { return ratio(counts.right, counts.predicted); }
std::optional<double> recall_of(const Counts& counts) { return ratio(counts.right, counts.gold); }
std::optional<double> f1_of(const Counts& counts) { return ratio(2 * counts.right, counts.gold + counts.predicted); }
std::optional<double> jaccard_of(const Counts& counts) {
  return ratio(counts.right, counts.gold + counts.predicted - counts.right);
}

Counts counts_of_label(const MultiLabelSummary& summary, std::size_t label) {
  return {summary.num_true_positive[label], summary.num_gold[label], summary.num_predicted[label]};
}

MetricValue micro(const MultiLabelSummary& summary, Share share, const char* reason) {
  const auto value = share({sum(summary.num_true_positive), sum(summary.num_gold), sum(summary.num_predicted)});
  return value ? MetricValue::of(*value) : MetricValue::undefined(reason);
}

MetricValue macro(const MultiLabelSummary& summary, Share share) {
  if (summary.scores.num_examples() == 0) return MetricValue::undefined(kNoExamples);
  ExactSum total;
  for (std::size_t label = 0; label < summary.labels.size(); ++label)
    total.add(share(counts_of_label(summary, label)).value_or(0.0));
  return MetricValue::of(total.value() / static_cast<double>(summary.labels.size()));
}

MetricValue weighted(const MultiLabelSummary& summary, Share share) {
  const std::int64_t support = sum(summary.num_gold);
  if (support == 0) return MetricValue::undefined("no example has a label");
  ExactSum total;
  for (std::size_t label = 0; label < summary.labels.size(); ++label)
    total.add(static_cast<double>(summary.num_gold[label]) * share(counts_of_label(summary, label)).value_or(0.0));
  return MetricValue::of(total.value() / static_cast<double>(support));
}

MetricValue samples(const MultiLabelSummary& summary, Share share) {
  const std::size_t num_examples = summary.num_right_of_example.size();
  if (num_examples == 0) return MetricValue::undefined(kNoExamples);
  ExactSum total;
  for (std::size_t example = 0; example < num_examples; ++example)
    total.add(share({summary.num_right_of_example[example], summary.num_gold_of_example[example],
                     summary.num_predicted_of_example[example]})
                  .value_or(0.0));
  return MetricValue::of(total.value() / static_cast<double>(num_examples));
}

constexpr const char* kNothingPredicted = "no label is above its threshold in any example";
constexpr const char* kNothingGold = "no example has a label";

}  // namespace

MetricValue subset_accuracy(const MultiLabelSummary& summary) {
  const std::size_t num_examples = summary.num_right_of_example.size();
  if (num_examples == 0) return MetricValue::undefined(kNoExamples);
  std::int64_t num_right = 0;
  for (std::size_t example = 0; example < num_examples; ++example)
    num_right += summary.num_right_of_example[example] == summary.num_gold_of_example[example] &&
                 summary.num_right_of_example[example] == summary.num_predicted_of_example[example];
  return MetricValue::of(static_cast<double>(num_right) / static_cast<double>(num_examples));
}

MetricValue hamming_loss(const MultiLabelSummary& summary) {
  const std::int64_t num_decisions = summary.scores.num_examples() * summary.scores.num_labels();
  if (num_decisions == 0) return MetricValue::undefined(kNoExamples);
  const std::int64_t num_wrong =
      sum(summary.num_gold) + sum(summary.num_predicted) - 2 * sum(summary.num_true_positive);
  return MetricValue::of(static_cast<double>(num_wrong) / static_cast<double>(num_decisions));
}

MetricValue micro_multi_label_precision(const MultiLabelSummary& summary) {
  return micro(summary, precision_of, kNothingPredicted);
}
MetricValue micro_multi_label_recall(const MultiLabelSummary& summary) {
  return micro(summary, recall_of, kNothingGold);
}
MetricValue micro_multi_label_f1(const MultiLabelSummary& summary) { return micro(summary, f1_of, kNothingGold); }
MetricValue macro_multi_label_precision(const MultiLabelSummary& summary) { return macro(summary, precision_of); }
MetricValue macro_multi_label_recall(const MultiLabelSummary& summary) { return macro(summary, recall_of); }
MetricValue macro_multi_label_f1(const MultiLabelSummary& summary) { return macro(summary, f1_of); }
MetricValue weighted_multi_label_precision(const MultiLabelSummary& summary) { return weighted(summary, precision_of); }
MetricValue weighted_multi_label_recall(const MultiLabelSummary& summary) { return weighted(summary, recall_of); }
MetricValue weighted_multi_label_f1(const MultiLabelSummary& summary) { return weighted(summary, f1_of); }
MetricValue samples_precision(const MultiLabelSummary& summary) { return samples(summary, precision_of); }
MetricValue samples_recall(const MultiLabelSummary& summary) { return samples(summary, recall_of); }
MetricValue samples_f1(const MultiLabelSummary& summary) { return samples(summary, f1_of); }
MetricValue micro_jaccard(const MultiLabelSummary& summary) { return micro(summary, jaccard_of, kNothingGold); }
MetricValue macro_jaccard(const MultiLabelSummary& summary) { return macro(summary, jaccard_of); }
MetricValue samples_jaccard(const MultiLabelSummary& summary) { return samples(summary, jaccard_of); }

namespace {

using Area = double (*)(std::vector<RankedExample>);

std::vector<RankedExample> ranked(const MultiLabelScores& scores, std::int64_t label) {
  std::vector<RankedExample> examples;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example)
    examples.push_back({scores.logit(example, label), scores.is_gold(example, label)});
  return examples;
}

// An area of one label, or why there is none.
MetricValue area_of_label(const MultiLabelSummary& summary, std::size_t label, Area area) {
  const std::string name = "label " + quote(summary.labels[label]);
  if (summary.num_gold[label] == 0) return MetricValue::undefined(name + " has no gold examples");
  if (area == area_under_roc && summary.num_gold[label] == summary.scores.num_examples())
    return MetricValue::undefined("every example has the " + name);
  return MetricValue::of(area(ranked(summary.scores, static_cast<std::int64_t>(label))));
}

MetricValue macro_area(const MultiLabelSummary& summary, Area area) {
  ExactSum total;
  for (std::size_t label = 0; label < summary.labels.size(); ++label) {
    const MetricValue value = area_of_label(summary, label, area);
    if (!value.value) return value;
    total.add(*value.value);
  }
  return MetricValue::of(total.value() / static_cast<double>(summary.labels.size()));
}

MetricValue micro_area(const MultiLabelSummary& summary, Area area) {
  std::vector<RankedExample> all;
  for (std::int64_t label = 0; label < summary.scores.num_labels(); ++label)
    for (const RankedExample& example : ranked(summary.scores, label)) all.push_back(example);
  const std::int64_t num_gold = sum(summary.num_gold);
  if (num_gold == 0) return MetricValue::undefined(kNothingGold);
  if (area == area_under_roc && num_gold == static_cast<std::int64_t>(all.size()))
    return MetricValue::undefined("every example has every label");
  return MetricValue::of(area(std::move(all)));
}

// Labels of an example that are scored as high as one of its, or higher: all of them, and its own.
struct AsHigh {
  std::int64_t all = 0;
  std::int64_t gold = 0;
};

AsHigh count_as_high(const MultiLabelScores& scores, std::int64_t example, double logit) {
  AsHigh count;
  for (std::int64_t label = 0; label < scores.num_labels(); ++label) {
    if (scores.logit(example, label) < logit) continue;
    ++count.all;
    count.gold += scores.is_gold(example, label);
  }
  return count;
}

// Mean over the examples of `of_example`.
MetricValue mean_over_examples(const MultiLabelSummary& summary,
                               double (*of_example)(const MultiLabelSummary&, std::int64_t)) {
  const std::int64_t num_examples = summary.scores.num_examples();
  if (num_examples == 0) return MetricValue::undefined(kNoExamples);
  ExactSum total;
  for (std::int64_t example = 0; example < num_examples; ++example) total.add(of_example(summary, example));
  return MetricValue::of(total.value() / static_cast<double>(num_examples));
}

double ranking_loss_of(const MultiLabelSummary& summary, std::int64_t example) {
  const MultiLabelScores& scores = summary.scores;
  const std::int64_t num_gold = summary.num_gold_of_example[static_cast<std::size_t>(example)];
  const std::int64_t num_others = scores.num_labels() - num_gold;
  if (num_gold == 0 || num_others == 0) return 0.0;
  std::int64_t num_wrong = 0;
  for (std::int64_t label = 0; label < scores.num_labels(); ++label) {
    if (!scores.is_gold(example, label)) continue;
    const AsHigh count = count_as_high(scores, example, scores.logit(example, label));
    num_wrong += count.all - count.gold;
  }
  return static_cast<double>(num_wrong) / static_cast<double>(num_gold * num_others);
}

double ranking_precision_of(const MultiLabelSummary& summary, std::int64_t example) {
  const MultiLabelScores& scores = summary.scores;
  const std::int64_t num_gold = summary.num_gold_of_example[static_cast<std::size_t>(example)];
  if (num_gold == 0 || num_gold == scores.num_labels()) return 1.0;
  double total = 0.0;
  for (std::int64_t label = 0; label < scores.num_labels(); ++label) {
    if (!scores.is_gold(example, label)) continue;
    const AsHigh count = count_as_high(scores, example, scores.logit(example, label));
    total += static_cast<double>(count.gold) / static_cast<double>(count.all);
  }
  return total / static_cast<double>(num_gold);
}

double coverage_of(const MultiLabelSummary& summary, std::int64_t example) {
  const MultiLabelScores& scores = summary.scores;
  std::int64_t most = 0;
  for (std::int64_t label = 0; label < scores.num_labels(); ++label)
    if (scores.is_gold(example, label))
      most = std::max(most, count_as_high(scores, example, scores.logit(example, label)).all);
  return static_cast<double>(most);
}

}  // namespace

MetricValue micro_roc_auc(const MultiLabelSummary& summary) { return micro_area(summary, area_under_roc); }
MetricValue macro_roc_auc(const MultiLabelSummary& summary) { return macro_area(summary, area_under_roc); }
MetricValue micro_average_precision(const MultiLabelSummary& summary) {
  return micro_area(summary, area_under_precision_recall);
}
MetricValue macro_average_precision(const MultiLabelSummary& summary) {
  return macro_area(summary, area_under_precision_recall);
}
MetricValue label_ranking_loss(const MultiLabelSummary& summary) {
  return mean_over_examples(summary, ranking_loss_of);
}
MetricValue label_ranking_average_precision(const MultiLabelSummary& summary) {
  return mean_over_examples(summary, ranking_precision_of);
}
MetricValue coverage_error(const MultiLabelSummary& summary) { return mean_over_examples(summary, coverage_of); }

namespace {

void set_share(Json& object, const std::string& name, const std::optional<double>& share, const char* reason) {
  set_figure(object, name, share ? MetricValue::of(*share) : MetricValue::undefined(reason));
}

Json figures_of_label(const MultiLabelSummary& summary, std::size_t label) {
  const Counts counts = counts_of_label(summary, label);
  Json figures = Json::object();
  set_share(figures, "precision", precision_of(counts), "it is never predicted");
  set_share(figures, "recall", recall_of(counts), "it has no gold examples");
  set_share(figures, "f1", f1_of(counts), "it is never predicted and has no gold examples");
  figures["support"] = counts.gold;
  set_figure(figures, "roc_auc", area_of_label(summary, label, area_under_roc));
  set_figure(figures, "average_precision", area_of_label(summary, label, area_under_precision_recall));
  return figures;
}

}  // namespace

MetricReport multi_label_report(const MultiLabelScores& scores, const std::vector<std::string>& labels,
                                const std::vector<double>& thresholds) {
  const MultiLabelSummary summary(scores, labels, thresholds);
  MetricReport report;
  report.metrics = figures_of<MultiLabelMetric>(RecordKind::kMultiLabelScores, summary);
  report.details["num_examples"] = scores.num_examples();
  for (const char* key : {"support", "thresholds", "per_class"}) report.details[key] = Json::object();
  for (std::size_t label = 0; label < labels.size(); ++label) {
    report.details["support"][labels[label]] = summary.num_gold[label];
    report.details["thresholds"][labels[label]] = thresholds[label];
    report.details["per_class"][labels[label]] = figures_of_label(summary, label);
  }
  return report;
}

namespace {

constexpr double kPlainThreshold = 0.5;

struct Candidate {
  double threshold;
  double f1;
};

bool is_better(const Candidate& candidate, const Candidate& best) {
  if (candidate.f1 != best.f1) return candidate.f1 > best.f1;
  return std::abs(candidate.threshold - kPlainThreshold) < std::abs(best.threshold - kPlainThreshold);
}

double tune_threshold(const MultiLabelScores& scores, std::int64_t label) {
  std::vector<RankedExample> examples;
  std::int64_t num_gold = 0;
  for (std::int64_t example = 0; example < scores.num_examples(); ++example) {
    examples.push_back({scores.probability(example, label), scores.is_gold(example, label)});
    num_gold += examples.back().is_positive;
  }
  if (num_gold == 0) return kPlainThreshold;
  std::ranges::sort(examples, std::ranges::greater(), &RankedExample::score);
  Candidate best{kPlainThreshold, -1.0};
  std::int64_t num_right = 0;
  for (std::size_t taken = 1; taken <= examples.size(); ++taken) {
    num_right += examples[taken - 1].is_positive;
    const double last = examples[taken - 1].score;
    const double next = taken < examples.size() ? examples[taken].score : 0.0;
    if (next == last) continue;
    // Between the two, and at 0.5 itself where that lies there.
    const double between = next <= kPlainThreshold && kPlainThreshold < last ? kPlainThreshold : 0.5 * (last + next);
    const Candidate candidate{between, 2.0 * static_cast<double>(num_right) /
                                           static_cast<double>(num_gold + static_cast<std::int64_t>(taken))};
    if (is_better(candidate, best)) best = candidate;
  }
  return best.threshold;
}

}  // namespace

std::vector<double> tune_thresholds(const MultiLabelScores& scores) {
  std::vector<double> thresholds;
  for (std::int64_t label = 0; label < scores.num_labels(); ++label)
    thresholds.push_back(tune_threshold(scores, label));
  return thresholds;
}

}  // namespace llmtool
