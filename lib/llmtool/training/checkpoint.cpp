#include "llmtool/training/checkpoint.h"

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/training/checkpoint_directory.h"
#include "llmtool/training/manifest.h"
#include "llmtool/training/random_state.h"
#include "llmtool/training/tensor_file.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

constexpr const char* kOptimizerFile = "optimizer.safetensors";
constexpr const char* kRandomStateFile = "random_state.safetensors";
constexpr const char* kStateFile = "trainer_state.json";

}  // namespace

void write_run_state(const fs::path& directory, const RunState& state) {
  write_file_atomically(directory / kStateFile, to_json_text(state.to_json(), 2) + "\n");
}

void save_checkpoint(const fs::path& run_directory, const RunState& state, Trainable& trainable,
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
    write_run_state(directory, state);
    write_manifest(directory);
  });
  write_run_state(run_directory, state);
}

RunState load_checkpoint(const fs::path& directory, Trainable& trainable, Optimizer& optimizer) {
  const fs::path state_file = directory / kStateFile;
  const RunState state =
      RunState::from_json(read_json_file(state_file.string(), ExitCode::kModel), state_file.string());
  trainable.load_model(directory);
  optimizer.load_state(load_tensors(directory / kOptimizerFile));
  restore_random_state(load_tensors(directory / kRandomStateFile), trainable.parameters());
  return state;
}

}  // namespace llmtool
