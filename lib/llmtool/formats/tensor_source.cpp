#include "llmtool/formats/tensor_source.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/formats/torch_file.h"

namespace llmtool {

std::size_t dtype_size(DType dtype) {
  switch (dtype) {
    case DType::kBool:
    case DType::kU8:
    case DType::kI8:
    case DType::kF8E5M2:
    case DType::kF8E4M3:
      return 1;
    case DType::kI16:
    case DType::kU16:
    case DType::kF16:
    case DType::kBF16:
      return 2;
    case DType::kI32:
    case DType::kU32:
    case DType::kF32:
      return 4;
    case DType::kC64:
    case DType::kF64:
    case DType::kI64:
    case DType::kU64:
      return 8;
  }
  return 0;
}

std::optional<std::int64_t> tensor_num_bytes(DType dtype, const std::vector<std::int64_t>& shape) {
  auto product = static_cast<std::int64_t>(dtype_size(dtype));
  for (const std::int64_t size : shape)
    if (__builtin_mul_overflow(product, size, &product)) return std::nullopt;
  return product;
}

namespace {

bool is_web_page(std::string_view bytes) {
  const std::size_t start = std::min(bytes.find_first_not_of(" \t\r\n"), bytes.size());
  std::string head(bytes.substr(start, 14));
  std::transform(head.begin(), head.end(), head.begin(), [](unsigned char letter) { return std::tolower(letter); });
  return head.starts_with("<!doctype html") || head.starts_with("<html") || head.starts_with("<?xml");
}

}  // namespace

void require_weights_content(std::string_view bytes, const std::filesystem::path& path) {
  const std::string file = path.string();
  if (bytes.empty()) throw ModelError(file + ": the file is empty; fetch it again");
  refuse_git_lfs_pointer(bytes, file);
  if (is_web_page(bytes))
    throw ModelError(file + ": this is a web page saved under the name of the weights; download the file itself");
}

namespace {

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
