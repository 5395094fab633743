#pragma once

#include "llmtool/metrics/exact_sum.h"
#include "llmtool/metrics/metric_value.h"

namespace llmtool {

// A loss summed over examples or tokens, with what it is divided by (examples, sum of class weights, predicted tokens).
// Mergeable; the mean does not depend on batches, order or merging.
class LossSum {
 public:
  // Throws NonFiniteError for NaN and infinity.
  void add(double sum, double denominator);
  void merge(const LossSum& other);

  double sum() const { return sum_.value(); }
  double denominator() const { return denominator_.value(); }

 private:
  ExactSum sum_;
  ExactSum denominator_;
};

// sum / denominator; undefined when nothing was counted.
MetricValue mean_loss(const LossSum& loss);

}  // namespace llmtool
