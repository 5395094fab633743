#include "llmtool/metrics/embedding_scores.h"

#include <cmath>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/metrics/rank_statistics.h"

namespace llmtool {
namespace {

MetricValue mean_over_queries(double sum, const RetrievalScores& scores) {
  if (scores.num_queries() == 0) return MetricValue::undefined("there are no queries");
  return MetricValue::of(sum / static_cast<double>(scores.num_queries()));
}

}  // namespace

void RetrievalScores::add(double loss, std::int64_t rank) {
  if (rank < 1) throw std::invalid_argument("ranks count from 1");
  loss_.add(loss, 1.0);
  reciprocal_ranks_.add(1.0 / static_cast<double>(rank));
  ++num_queries_;
  num_first_ += rank == 1;
}

void RetrievalScores::merge(const RetrievalScores& other) {
  loss_.merge(other.loss_);
  reciprocal_ranks_.merge(other.reciprocal_ranks_);
  num_queries_ += other.num_queries_;
  num_first_ += other.num_first_;
}

MetricValue retrieval_accuracy(const RetrievalScores& scores) {
  return mean_over_queries(static_cast<double>(scores.num_first()), scores);
}

MetricValue mean_reciprocal_rank(const RetrievalScores& scores) {
  return mean_over_queries(scores.sum_of_reciprocal_ranks(), scores);
}

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
