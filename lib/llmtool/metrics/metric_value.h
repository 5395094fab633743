#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace llmtool {

// A figure, or the reason why it is undefined.
struct MetricValue {
  std::optional<double> value;
  std::string reason;

  static MetricValue of(double value) { return {value, ""}; }
  static MetricValue undefined(std::string reason) { return {std::nullopt, std::move(reason)}; }
};

// A sum of doubles, rounded once: the value does not depend on the order of the summands or on how partial sums were
// merged (Shewchuk, "Adaptive precision floating-point arithmetic", 1997, as Python's math.fsum).
class ExactSum {
 public:
  // Throws NonFiniteError for NaN and infinity.
  void add(double value);
  void merge(const ExactSum& other);
  double value() const;

 private:
  std::vector<double> partials_;  // non-overlapping, increasing magnitude
};

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
