#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/formats/tensor_source.h"

namespace llmtool {

// Weights in several files beside an index such as model.safetensors.index.json: {"weight_map": {tensor: file}}.
// Throws ModelError as open_checkpoint().
class ShardedTensors : public TensorSource {
 public:
  explicit ShardedTensors(const std::filesystem::path& index_path);
  const std::vector<std::string>& names() const override { return names_; }
  const TensorView* find(std::string_view name) const override;
  const std::map<std::string, std::string>& metadata() const override { return metadata_; }
  const std::vector<std::filesystem::path>& files() const override { return files_; }

 private:
  void open_shards(const std::map<std::string, std::string>& weight_map, const std::filesystem::path& directory);
  void collect(const std::map<std::string, std::string>& weight_map);

  std::vector<std::filesystem::path> files_;  // the index, then the shards
  std::map<std::string, std::unique_ptr<TensorSource>> shards_;
  std::vector<std::string> names_;
  std::map<std::string, const TensorView*, std::less<>> tensors_;
  std::map<std::string, std::string> metadata_;
};

}  // namespace llmtool
