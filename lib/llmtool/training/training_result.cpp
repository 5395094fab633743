#include "llmtool/training/trainer.h"

namespace llmtool {

Json TrainingResult::to_json() const {
  Json json;
  json["epoch"] = epoch;
  json["train_loss"] = train_loss;
  json["train_runtime"] = train_runtime;
  json["train_samples_per_second"] = train_samples_per_second;
  json["train_steps_per_second"] = train_steps_per_second;
  json["train_tokens_per_second"] = train_tokens_per_second;
  json["train_steps"] = num_steps;
  json["best_step"] = best_step;
  json["best_metric"] = best_metric ? Json(*best_metric) : Json(nullptr);
  json["stopped_early"] = stop_reason == StopReason::kEarlyStopping;
  json["peak_memory_bytes"] = peak_memory_bytes;
  if (!profile.is_null()) json["profile"] = profile;
  return json;
}

}  // namespace llmtool
