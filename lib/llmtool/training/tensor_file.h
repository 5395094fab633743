#pragma once

#include <filesystem>
#include <vector>

#include "llmtool/optim/parameter_store.h"

namespace llmtool {

// Writes tensors (fp32, int64 or bytes, on any device) as a safetensors file. Throws ResourceError.
void save_tensors(const std::filesystem::path& path, const std::vector<NamedTensorValue>& tensors);

// Reads them back into own memory on the CPU, ordered by name. Throws ModelError, also for other element types.
std::vector<NamedTensorValue> load_tensors(const std::filesystem::path& path);

}  // namespace llmtool
