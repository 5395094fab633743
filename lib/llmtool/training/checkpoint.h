#pragma once

#include <filesystem>

#include "llmtool/optim/optimizer.h"
#include "llmtool/training/run_state.h"
#include "llmtool/training/trainable.h"

namespace llmtool {

// Commits <run_directory>/checkpoint-<step>: model files, optimizer.safetensors, random_state.safetensors,
// trainer_state.json and MANIFEST.json; then trainer_state.json in the run directory. Either all of the checkpoint is
// there or nothing has changed. Throws ResourceError.
void save_checkpoint(const std::filesystem::path& run_directory, const RunState& state, Trainable& trainable,
                     const Optimizer& optimizer);

// trainer_state.json alone. Throws ResourceError.
void write_run_state(const std::filesystem::path& directory, const RunState& state);

// Puts weights, optimizer and torch's generators back to what they were. Throws ModelError.
RunState load_checkpoint(const std::filesystem::path& directory, Trainable& trainable, Optimizer& optimizer);

}  // namespace llmtool
