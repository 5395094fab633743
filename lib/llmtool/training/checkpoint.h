#pragma once

#include <filesystem>
#include <vector>

#include "llmtool/optim/optimizer.h"
#include "llmtool/optim/parameter_store.h"
#include "llmtool/training/trainable.h"
#include "llmtool/training/trainer_state.h"

namespace llmtool {

// Writes tensors (fp32, int64 or bytes, on any device) as a safetensors file. Throws ResourceError.
void save_tensors(const std::filesystem::path& path, const std::vector<NamedTensorValue>& tensors);

// Reads them back into own memory on the CPU, ordered by name. Throws ModelError, also for other element types.
std::vector<NamedTensorValue> load_tensors(const std::filesystem::path& path);

// State of torch's default generators, on the CPU and on every device that holds a parameter: what dropout draws from.
// Named "cpu", "cuda:0", …
std::vector<NamedTensorValue> capture_random_state(const ParameterStore& parameters);

// Throws ModelError when a generator that is needed is not in `state`.
void restore_random_state(const std::vector<NamedTensorValue>& state, const ParameterStore& parameters);

// Commits <run_directory>/checkpoint-<step>: model files, optimizer.safetensors, random_state.safetensors,
// trainer_state.json and MANIFEST.json; then trainer_state.json in the run directory. Either all of the checkpoint is
// there or nothing has changed. Throws ResourceError.
void save_checkpoint(const std::filesystem::path& run_directory, const TrainerState& state, Trainable& trainable,
                     const Optimizer& optimizer);

// trainer_state.json alone. Throws ResourceError.
void write_trainer_state(const std::filesystem::path& directory, const TrainerState& state);

// Puts weights, optimizer and torch's generators back to what they were. Throws ModelError.
TrainerState load_checkpoint(const std::filesystem::path& directory, Trainable& trainable, Optimizer& optimizer);

}  // namespace llmtool
