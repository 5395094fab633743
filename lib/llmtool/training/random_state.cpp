#include "llmtool/training/random_state.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/core/Generator.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <string>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

std::set<std::string> device_names(const ParameterStore& parameters) {
  std::set<std::string> names{"cpu"};
  for (const Parameter& parameter : parameters.parameters()) names.insert(parameter.value.device().str());
  return names;
}

at::Generator default_generator(const std::string& device) {
  return at::globalContext().defaultGenerator(at::Device(device));
}

}  // namespace

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

}  // namespace llmtool
