#pragma once

#include <vector>

#include "llmtool/optim/parameter_store.h"

namespace llmtool {

// State of torch's default generators, on the CPU and on every device that holds a parameter: what dropout draws from.
// Named "cpu", "cuda:0", …
std::vector<NamedTensorValue> capture_random_state(const ParameterStore& parameters);

// Throws ModelError when a generator that is needed is not in `state`.
void restore_random_state(const std::vector<NamedTensorValue>& state, const ParameterStore& parameters);

}  // namespace llmtool
