#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/metrics/report.h"

namespace llmtool {

// How well each query finds the one candidate that belongs to it. Mergeable; nothing in it depends on order or merging.
class RetrievalScores {
 public:
  // `rank` counts from 1: how many candidates, it included, are as near as the right one or nearer. Throws
  // NonFiniteError for a loss that is NaN or infinite, std::invalid_argument for a rank below 1.
  void add(double loss, std::int64_t rank);
  void merge(const RetrievalScores& other);

  std::int64_t num_queries() const { return num_queries_; }
  std::int64_t num_first() const { return num_first_; }
  double sum_of_reciprocal_ranks() const { return reciprocal_ranks_.value(); }
  const LossSum& loss() const { return loss_; }

 private:
  LossSum loss_;
  ExactSum reciprocal_ranks_;
  std::int64_t num_queries_ = 0;
  std::int64_t num_first_ = 0;
};

// Share of queries whose right candidate is the nearest.
MetricValue retrieval_accuracy(const RetrievalScores& scores);
// Mean of 1 / rank of the right candidate.
MetricValue mean_reciprocal_rank(const RetrievalScores& scores);

// How near the texts of pairs lie, beside how near people say they are. Mergeable.
class SimilarityScores {
 public:
  // Throws NonFiniteError for a number that is NaN or infinite.
  void add(double cosine, double gold);
  void merge(const SimilarityScores& other);

  std::int64_t num_pairs() const { return static_cast<std::int64_t>(gold_.size()); }
  const std::vector<double>& cosines() const { return cosines_; }
  const std::vector<double>& gold() const { return gold_; }

 private:
  std::vector<double> cosines_;
  std::vector<double> gold_;
};

// Correlations of cosine and gold score, see rank_statistics.h.
MetricValue spearman_cosine(const SimilarityScores& scores);
MetricValue pearson_cosine(const SimilarityScores& scores);

}  // namespace llmtool
