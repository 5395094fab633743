#pragma once

#include <filesystem>
#include <memory>

#include "llmtool/nn/dense.h"

namespace llmtool {

// A module with the weights in model.safetensors or pytorch_model.bin of its folder, on the CPU. Throws ModelError when
// one is missing, has another shape, or is not the module's.
std::shared_ptr<Dense> load_dense(const std::filesystem::path& folder, const DenseOptions& options);

}  // namespace llmtool
