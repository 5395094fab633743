#pragma once

#include <filesystem>
#include <memory>

#include "llmtool/formats/tensor_source.h"

namespace llmtool {

// The weights in a Hugging Face model folder, the first that exists of: model.safetensors,
// model.safetensors.index.json with its shards, pytorch_model.bin, pytorch_model.bin.index.json with its shards.
// Throws ModelError: none there, shards missing (all listed), a shard path leaving the folder, damaged files, a tensor
// the index names but the shard lacks.
std::unique_ptr<TensorSource> open_checkpoint(const std::filesystem::path& directory);

}  // namespace llmtool
