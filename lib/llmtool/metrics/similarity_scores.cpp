#include "llmtool/metrics/similarity_scores.h"

#include <cmath>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/correlation.h"

namespace llmtool {

void SimilarityScores::add(double cosine, double gold) {
  if (!std::isfinite(cosine) || !std::isfinite(gold))
    throw NonFiniteError("a similarity or its gold score is NaN or infinite");
  cosines_.push_back(cosine);
  gold_.push_back(gold);
}

void SimilarityScores::merge(const SimilarityScores& other) {
  cosines_.insert(cosines_.end(), other.cosines_.begin(), other.cosines_.end());
  gold_.insert(gold_.end(), other.gold_.begin(), other.gold_.end());
}

MetricValue spearman_cosine(const SimilarityScores& scores) {
  return spearman_correlation(scores.cosines(), scores.gold());
}

MetricValue pearson_cosine(const SimilarityScores& scores) {
  return pearson_correlation(scores.cosines(), scores.gold());
}

}  // namespace llmtool
