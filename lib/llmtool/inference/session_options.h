#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>
#include <string>

#include "llmtool/core/precision.h"
#include "llmtool/inference/scoring.h"
#include "llmtool/models/model.h"

namespace llmtool {

// How a model answers, whatever it is asked.
struct SessionOptions {
  c10::Device device = c10::Device(c10::DeviceType::CPU);
  // Resolved: fp32 or bf16.
  Precision precision = Precision::kFp32;
  ScoringOptions scoring;
  // Special tokens included. Unset: as choose_truncation() finds it.
  std::optional<std::int64_t> max_length;
};

// Makes a loaded model ready to answer: in evaluation mode, on the device, its body in the precision of the options.
void set_up_for_inference(Model& model, const SessionOptions& options);

// What `asked` comes to on a device: auto is bf16 where the processor computes it natively, otherwise fp32. Throws
// ConfigError, which names the `key` that asked, for bf16 where it would only be slower.
Precision resolve_precision(Precision asked, c10::Device device, const std::string& key);

}  // namespace llmtool
