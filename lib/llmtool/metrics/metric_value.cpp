#include "llmtool/metrics/metric_value.h"

#include <cmath>

#include "llmtool/core/errors.h"

namespace llmtool {

void ExactSum::add(double value) {
  if (!std::isfinite(value)) throw NonFiniteError("a NaN or infinite value was met while a metric was summed");
  std::size_t kept = 0;
  for (double partial : partials_) {
    if (std::abs(value) < std::abs(partial)) std::swap(value, partial);
    const double high = value + partial;
    const double low = partial - (high - value);
    if (low != 0.0) partials_[kept++] = low;
    value = high;
  }
  if (!std::isfinite(value)) throw NonFiniteError("the sum of a metric is too large for a double");
  partials_.resize(kept);
  partials_.push_back(value);
}

void ExactSum::merge(const ExactSum& other) {
  // A copy, so that a sum may be merged with itself.
  for (const double partial : std::vector<double>(other.partials_)) add(partial);
}

double ExactSum::value() const {
  if (partials_.empty()) return 0.0;
  std::size_t next = partials_.size() - 1;
  double high = partials_[next];
  double low = 0.0;
  while (next > 0 && low == 0.0) {
    const double previous = high;
    const double partial = partials_[--next];
    high = previous + partial;
    low = partial - (high - previous);
  }
  // Half-way cases round to even only if the partials below are taken into account.
  if (next > 0 && ((low < 0.0) == (partials_[next - 1] < 0.0))) {
    const double doubled = low * 2.0;
    const double candidate = high + doubled;
    if (doubled == candidate - high) high = candidate;
  }
  return high;
}

void LossSum::add(double sum, double denominator) {
  sum_.add(sum);
  denominator_.add(denominator);
}

void LossSum::merge(const LossSum& other) {
  sum_.merge(other.sum_);
  denominator_.merge(other.denominator_);
}

MetricValue mean_loss(const LossSum& loss) {
  if (loss.denominator() == 0.0) return MetricValue::undefined("nothing was counted in the loss");
  return MetricValue::of(loss.sum() / loss.denominator());
}

}  // namespace llmtool
