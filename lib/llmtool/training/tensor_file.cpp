#include "llmtool/training/tensor_file.h"

#include <ATen/ATen.h>

#include <array>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "llmtool/core/errors.h"
#include "llmtool/formats/safetensors.h"

namespace llmtool {
namespace {

constexpr std::array<std::pair<at::ScalarType, DType>, 3> kTypes{
    {{at::kFloat, DType::kF32}, {at::kLong, DType::kI64}, {at::kByte, DType::kU8}}};

DType dtype_of(const at::Tensor& tensor) {
  for (const auto& [scalar_type, dtype] : kTypes)
    if (scalar_type == tensor.scalar_type()) return dtype;
  throw std::invalid_argument("optimizer and generator state is fp32, int64 or bytes");
}

at::ScalarType scalar_type_of(DType dtype, const std::string& name, const std::filesystem::path& path) {
  for (const auto& [scalar_type, known] : kTypes)
    if (known == dtype) return scalar_type;
  throw ModelError(path.string() + ": tensor " + quote(name) + " has the unexpected type " +
                   std::string(enum_name(dtype)));
}

}  // namespace

void save_tensors(const std::filesystem::path& path, const std::vector<NamedTensorValue>& tensors) {
  std::vector<at::Tensor> on_cpu;  // owns what the views point to
  std::vector<NamedTensor> views;
  for (const auto& [name, value] : tensors) {
    on_cpu.push_back(value.detach().cpu().contiguous());
    const at::Tensor& tensor = on_cpu.back();
    views.push_back({name,
                     {dtype_of(tensor),
                      tensor.sizes().vec(),
                      {static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes()}}});
  }
  write_safetensors(path, views, {});
}

std::vector<NamedTensorValue> load_tensors(const std::filesystem::path& path) {
  const SafetensorsFile file(path);
  std::vector<NamedTensorValue> tensors;
  for (const std::string& name : file.names()) {
    const TensorView& view = *file.find(name);
    const at::Tensor tensor = at::empty(view.shape, scalar_type_of(view.dtype, name, path));
    std::memcpy(tensor.mutable_data_ptr(), view.bytes.data(), view.bytes.size());
    tensors.push_back({name, tensor});
  }
  return tensors;
}

}  // namespace llmtool
