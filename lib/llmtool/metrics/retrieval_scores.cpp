#include "llmtool/metrics/retrieval_scores.h"

#include <stdexcept>

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

}  // namespace llmtool
