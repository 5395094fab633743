#include <ATen/Functions.h>

#include <algorithm>
#include <stdexcept>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/models/pretrained.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// The names a number type has in LibTorch, in safetensors and in config.json.
struct NumberType {
  at::ScalarType values;
  DType stored;
  const char* config_name;
};

NumberType number_type(StoredPrecision precision) {
  switch (precision) {
    case StoredPrecision::kFp32:
      return {at::kFloat, DType::kF32, "float32"};
    case StoredPrecision::kFp16:
      return {at::kHalf, DType::kF16, "float16"};
    case StoredPrecision::kBf16:
      return {at::kBFloat16, DType::kBF16, "bfloat16"};
  }
  throw std::logic_error("a precision without a number type");
}

at::Tensor converted_values(const WeightRow& row, const NumberType& type) {
  const at::Tensor values = stored_values(row);
  if (type.values == at::kFloat) return values;
  at::Tensor converted = values.to(type.values);
  if (!at::isfinite(converted).equal(at::isfinite(values)))
    throw ModelError("the weight " + quote(row.name) + " has values that fp16 cannot hold; use bf16 or fp32");
  return converted;
}

TensorView view_of(const at::Tensor& values, DType type) {
  return {type, values.sizes().vec(), {static_cast<const char*>(values.const_data_ptr()), values.nbytes()}};
}

void write_weights(const Model& model, const fs::path& path, const NumberType& type) {
  std::vector<at::Tensor> values;  // keeps the bytes alive while they are written
  std::vector<NamedTensor> tensors;
  for (const WeightRow& row : model.weight_rows()) {
    values.push_back(converted_values(row, type));
    tensors.push_back({row.name, view_of(values.back(), type.stored)});
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

Json config_to_save(const Model& model, const NumberType& type) {
  Json config = model.config();
  config["architectures"] = {model.architecture()};
  // The name of this key changed from torch_dtype to dtype; the one the model came with is kept.
  config[config.contains("torch_dtype") ? "torch_dtype" : "dtype"] = type.config_name;
  return sorted_keys(config);
}

}  // namespace

void save_pretrained(const Model& model, const fs::path& directory, StoredPrecision precision) {
  const NumberType type = number_type(precision);
  const Json config = config_to_save(model, type);
  write_weights(model, directory / "model.safetensors", type);
  write_file_atomically(directory / "config.json", to_json_text(config, 2) + "\n");
}

}  // namespace llmtool
