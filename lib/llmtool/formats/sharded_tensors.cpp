#include "llmtool/formats/sharded_tensors.h"

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/listed.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/formats/torch_file.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostListed = 10;

// A shard lies beside the index. It may be a link (the Hugging Face cache is made of them), but not a path.
void require_plain_name(const std::string& shard, const std::string& index) {
  const bool plain = !shard.empty() && shard != "." && shard != ".." &&
                     shard.find_first_of(std::string_view("/\\\0", 3)) == std::string::npos;
  constexpr std::size_t kLongestFileName = 255;
  if (shard.size() > kLongestFileName)
    throw ModelError(index + ": the shard " + quote(shard) + " has a name of " + std::to_string(shard.size()) +
                     " bytes, more than a file can have");
  if (!plain) throw ModelError(index + ": the shard path " + quote(shard) + " leaves the model's folder; refused");
}

std::map<std::string, std::string> read_weight_map(const fs::path& index_path) {
  const std::string index = index_path.string();
  const Json json = read_json_file(index, ExitCode::kModel);
  const auto found = json.is_object() ? json.find("weight_map") : json.end();
  if (found == json.end() || !found->is_object() || found->empty())
    throw ModelError(index + ": no \"weight_map\" from tensor names to files");
  std::map<std::string, std::string> weight_map;
  for (const auto& [name, shard] : found->items()) {
    if (!shard.is_string()) throw ModelError(index + ": the file of tensor " + quote(name) + " is not a string");
    weight_map[name] = shard.get<std::string>();
    require_plain_name(weight_map[name], index);
  }
  return weight_map;
}

std::unique_ptr<TensorSource> open_shard(const fs::path& path) {
  if (path.extension() == ".safetensors") return std::make_unique<SafetensorsFile>(path);
  return std::make_unique<TorchFile>(path);
}

}  // namespace

ShardedTensors::ShardedTensors(const fs::path& index_path) : files_{index_path} {
  const auto weight_map = read_weight_map(index_path);
  open_shards(weight_map, index_path.parent_path());
  collect(weight_map);
}

void ShardedTensors::open_shards(const std::map<std::string, std::string>& weight_map, const fs::path& directory) {
  for (const auto& entry : weight_map) shards_[entry.second] = nullptr;
  std::vector<std::string> missing;
  for (const auto& entry : shards_)
    if (!path_exists(directory / entry.first)) missing.push_back(entry.first);
  if (!missing.empty())
    throw ModelError(files_[0].string() + ": " + std::to_string(missing.size()) + " of " +
                     std::to_string(shards_.size()) +
                     " weight files are missing: " + listed(missing, quote, kMostListed));
  for (auto& [name, shard] : shards_) {
    shard = open_shard(directory / name);
    files_.push_back(directory / name);
    metadata_.insert(shard->metadata().begin(), shard->metadata().end());
  }
}

void ShardedTensors::collect(const std::map<std::string, std::string>& weight_map) {
  std::vector<std::string> missing;
  for (const auto& [name, shard] : weight_map) {
    tensors_[name] = shards_.at(shard)->find(name);
    if (tensors_[name] == nullptr) missing.push_back(std::string(name).append(" (").append(shard).append(")"));
  }
  if (!missing.empty())
    throw ModelError(files_[0].string() + ": the files lack tensors that the index places in them: " +
                     listed(missing, quote, kMostListed) + "; index and files do not belong together");
  // As transformers does, what a shard holds beyond the index is seen as well.
  for (const auto& entry : shards_)
    for (const std::string& name : entry.second->names()) tensors_.emplace(name, entry.second->find(name));
  for (const auto& entry : tensors_) names_.push_back(entry.first);
}

const TensorView* ShardedTensors::find(std::string_view name) const {
  const auto found = tensors_.find(name);
  return found == tensors_.end() ? nullptr : found->second;
}

}  // namespace llmtool
