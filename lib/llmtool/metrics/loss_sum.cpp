#include "llmtool/metrics/loss_sum.h"

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

}  // namespace llmtool
