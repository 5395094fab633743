#include "llmtool/formats/checkpoint.h"

#include <array>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/formats/sharded_tensors.h"
#include "llmtool/formats/torch_file.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// In the order of preference. Names as in transformers/utils/__init__.py.
constexpr std::array kWeightFiles{"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin",
                                  "pytorch_model.bin.index.json"};

fs::path find_weights(const fs::path& directory) {
  // A link whose target is missing counts: opening it then tells what is wrong.
  for (const char* name : kWeightFiles)
    if (name_exists(directory / name)) return directory / name;
  return {};
}

}  // namespace

std::unique_ptr<TensorSource> open_checkpoint(const fs::path& directory) {
  if (!is_folder(directory))
    throw ModelError(directory.string() + ": no such folder; name a local model folder (nothing is downloaded)");
  const fs::path path = find_weights(directory);
  if (path.empty())
    throw ModelError(directory.string() +
                     ": no weights here; expected model.safetensors, pytorch_model.bin or their "
                     "index.json with shards");
  if (path.extension() == ".json") return std::make_unique<ShardedTensors>(path);
  if (path.extension() == ".bin") return std::make_unique<TorchFile>(path);
  return std::make_unique<SafetensorsFile>(path);
}

}  // namespace llmtool
