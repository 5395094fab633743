#pragma once

#include <c10/core/Device.h>

#include <string>

#include "llmtool/core/precision.h"

namespace llmtool {

// What `asked` comes to on a device: auto is bf16 where the processor computes it natively, otherwise fp32. Throws
// ConfigError, which names the `key` that asked, for bf16 where it would only be slower.
Precision resolve_precision(Precision asked, c10::Device device, const std::string& key);

}  // namespace llmtool
