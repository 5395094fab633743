#include "llmtool/training/options.h"

namespace llmtool {

void TrainingOptions::check(FieldErrors& errors) const {
  if (precision == Precision::kFp16) errors.add("precision", "fp16 is not supported yet; use fp32, bf16 or auto");
}

void EvaluationOptions::check(FieldErrors& errors) const {
  if (early_stopping && every.kind == EvaluationInterval::Kind::kNever)
    errors.add("early_stopping", "needs evaluations: set evaluation.every to epoch or a number of steps");
}

}  // namespace llmtool
