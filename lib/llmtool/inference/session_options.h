#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <optional>

#include "llmtool/tasks/scoring.h"

namespace llmtool {

struct SessionOptions {
  c10::Device device = c10::Device(c10::DeviceType::CPU);
  ScoringOptions scoring;
  // Special tokens included. Unset: as choose_truncation() finds it.
  std::optional<std::int64_t> max_length;
};

}  // namespace llmtool
