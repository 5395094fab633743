#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/metrics/metric_value.h"

namespace llmtool {

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

// Correlations of cosine and gold score, see correlation.h.
MetricValue spearman_cosine(const SimilarityScores& scores);
MetricValue pearson_cosine(const SimilarityScores& scores);

}  // namespace llmtool
