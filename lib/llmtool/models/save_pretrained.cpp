#include <ATen/core/Tensor.h>

#include <algorithm>

#include "llmtool/core/atomic_file.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/models/labels.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

TensorView view_of(const at::Tensor& values) {
  return {DType::kF32, values.sizes().vec(), {static_cast<const char*>(values.const_data_ptr()), values.nbytes()}};
}

void write_weights(const AssembledModel& model, const fs::path& path) {
  std::vector<at::Tensor> values;  // keeps the bytes alive while they are written
  std::vector<NamedTensor> tensors;
  for (const WeightRow& row : model.weight_rows()) {
    values.push_back(stored_values(row));
    tensors.push_back({row.name, view_of(values.back())});
  }
  write_safetensors(path, tensors, {{"format", "pt"}});
}

// Hugging Face writes its keys sorted.
Json sorted_keys(const Json& config) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : config.items()) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  Json sorted = Json::object();
  for (const std::string& key : keys) sorted[key] = config.at(key);
  return sorted;
}

Json config_to_save(const AssembledModel& model, const std::vector<std::string>& labels) {
  Json config = model.config();
  config["architectures"] = {model.architecture()};
  // The name of this key changed from torch_dtype to dtype; the one the model came with is kept.
  config[config.contains("torch_dtype") ? "torch_dtype" : "dtype"] = "float32";
  if (model.head_kind() == HeadKind::kSequenceClassification) {
    config.erase("num_labels");
    write_labels(config, labels);
  }
  return sorted_keys(config);
}

}  // namespace

void save_pretrained(const AssembledModel& model, const fs::path& directory, const std::vector<std::string>& labels) {
  const Json config = config_to_save(model, labels);
  write_weights(model, directory / "model.safetensors");
  write_file_atomically(directory / "config.json", to_json_text(config, 2) + "\n");
}

}  // namespace llmtool
