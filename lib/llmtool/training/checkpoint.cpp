#include "llmtool/training/checkpoint.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/formats/safetensors.h"
#include "llmtool/training/checkpoint_directory.h"

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

std::set<std::string> device_names(const ParameterStore& parameters) {
  std::set<std::string> names{"cpu"};
  for (const Parameter& parameter : parameters.parameters()) names.insert(parameter.value.device().str());
  return names;
}

at::Generator default_generator(const std::string& device) {
  return at::globalContext().defaultGenerator(at::Device(device));
}

namespace fs = std::filesystem;

constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kRandomStateFile = "random_state.safetensors";
constexpr const char* kStateFile = "trainer_state.json";

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

std::vector<NamedTensorValue> capture_random_state(const ParameterStore& parameters) {
  std::vector<NamedTensorValue> state;
  for (const std::string& name : device_names(parameters)) {
    at::Generator generator = default_generator(name);
    const std::lock_guard lock(generator.mutex());
    state.push_back({name, generator.get_state()});
  }
  return state;
}

void restore_random_state(const std::vector<NamedTensorValue>& state, const ParameterStore& parameters) {
  for (const std::string& name : device_names(parameters)) {
    const auto saved = std::find_if(state.begin(), state.end(),
                                    [&name = name](const NamedTensorValue& entry) { return entry.name == name; });
    if (saved == state.end())
      throw ModelError("the checkpoint has no state of the random numbers of device " + name +
                       "; continue on the device it was made on");
    at::Generator generator = default_generator(name);
    const std::lock_guard lock(generator.mutex());
    generator.set_state(saved->value);
  }
}

void write_trainer_state(const fs::path& directory, const TrainerState& state) {
  write_file_atomically(directory / kStateFile, to_json_text(state.to_json(), 2) + "\n");
}

void save_checkpoint(const fs::path& run_directory, const TrainerState& state, Trainable& trainable,
                     const Optimizer& optimizer) {
  const fs::path checkpoint = run_directory / checkpoint_name(state.step);
  if (name_exists(checkpoint) && !is_own_checkpoint(checkpoint))
    throw ResourceError(checkpoint.string() +
                        " was not written by llmtool, so no checkpoint takes its place; move it away, and run the same "
                        "command again");
  write_directory_atomically(checkpoint, [&](const fs::path& directory) {
    trainable.save_model(directory);
    save_tensors(directory / kOptimizerFile, optimizer.state());
    save_tensors(directory / kRandomStateFile, capture_random_state(trainable.parameters()));
    write_trainer_state(directory, state);
    write_manifest(directory);
  });
  write_trainer_state(run_directory, state);
}

TrainerState load_checkpoint(const fs::path& directory, Trainable& trainable, Optimizer& optimizer) {
  const fs::path state_file = directory / kStateFile;
  const TrainerState state =
      TrainerState::from_json(read_json_file(state_file.string(), ExitCode::kModel), state_file.string());
  trainable.load_model(directory);
  optimizer.load_state(load_tensors(directory / kOptimizerFile));
  restore_random_state(load_tensors(directory / kRandomStateFile), trainable.parameters());
  return state;
}

}  // namespace llmtool
