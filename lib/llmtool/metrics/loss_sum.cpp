#include "llmtool/metrics/loss_sum.h"

#include <cmath>

namespace llmtool {

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

MetricValue perplexity(const LossSum& loss) {
  const MetricValue mean = mean_loss(loss);
  if (!mean.value) return MetricValue::undefined("there are no predicted tokens");
  const double result = std::exp(*mean.value);
  if (!std::isfinite(result)) return MetricValue::undefined("exp(mean loss) is too large for a double");
  return MetricValue::of(result);
}

}  // namespace llmtool
