#pragma once

#include <vector>

namespace llmtool {

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

}  // namespace llmtool
