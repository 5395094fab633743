#include "llmtool/metrics/confusion_findings.h"

#include <algorithm>

namespace llmtool {
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
