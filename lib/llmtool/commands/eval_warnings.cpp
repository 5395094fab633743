#include "llmtool/commands/eval_warnings.h"

#include <cstdio>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/confusion_findings.h"

namespace llmtool {
namespace {

// Cutting fewer texts than this is usual.
constexpr double kNotableTruncatedShare = 0.05;

std::string percent(double share) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.1f %%", 100.0 * share);
  return text;
}

const std::string& label_name(const EvalResult& result, std::int64_t id) {
  return result.labels[static_cast<std::size_t>(id)];
}

std::string describe_collapse(const EvalResult& result, const ConfusionMatrix& confusion) {
  const TopAnswer top = top_answer(confusion);
  return "the model answers " + quote(label_name(result, top.class_id)) + " for " + percent(top.share) +
         " of the examples, though only " + percent(top.gold_share) + " of them have that label";
}

std::string describe_majority(const EvalResult& result, const ConfusionMatrix& confusion) {
  const MajorityBaseline baseline = majority_baseline(confusion);
  return "the model is no better than always answering the most frequent label " +
         quote(label_name(result, baseline.class_id)) + ", which has an accuracy of " + percent(baseline.accuracy);
}

std::string describe_missing_labels(const EvalResult& result, const ConfusionMatrix& confusion) {
  std::int64_t num_missing = 0;
  std::string first;
  for (std::int64_t id = 0; id < confusion.num_classes(); ++id) {
    if (confusion.num_gold(id) > 0) continue;
    if (num_missing++ == 0) first = label_name(result, id);
  }
  if (num_missing == 0) return "";
  return std::to_string(num_missing) + " of the " + std::to_string(confusion.num_classes()) +
         " labels have no example in the data (" + quote(first) + (num_missing > 1 ? ", …)" : ")");
}

}  // namespace

std::vector<std::string> describe_doubts(const EvalResult& result, const ConfusionMatrix& confusion) {
  std::vector<std::string> doubts;
  if (has_collapsed(confusion)) doubts.push_back(describe_collapse(result, confusion));
  if (is_no_better_than_majority(confusion)) doubts.push_back(describe_majority(result, confusion));
  if (std::string missing = describe_missing_labels(result, confusion); !missing.empty())
    doubts.push_back(std::move(missing));
  const double truncated_share = static_cast<double>(result.num_truncated) / static_cast<double>(result.num_examples);
  if (truncated_share > kNotableTruncatedShare)
    doubts.push_back(percent(truncated_share) + " of the texts are longer than " + std::to_string(result.max_length) +
                     " tokens and were cut");
  if (result.num_skipped > 0)
    doubts.push_back(std::to_string(result.num_skipped) +
                     " rows with labels the model does not know, or none, were left out");
  return doubts;
}

std::vector<NamedConfusion> name_confusions(const ConfusionMatrix& confusion, const std::vector<std::string>& labels) {
  std::vector<NamedConfusion> named;
  for (const Confusion& mistake : worst_confusions(confusion))
    named.push_back({labels[static_cast<std::size_t>(mistake.gold)],
                     labels[static_cast<std::size_t>(mistake.predicted)], mistake.count, mistake.share_of_gold});
  return named;
}

}  // namespace llmtool
