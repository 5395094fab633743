#include "llmtool/commands/run_state.h"

#include <string>

#include "llmtool/commands/damage_advice.h"
#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

// A damaged record is not taken for that of another run.
void require_whole_record(const std::filesystem::path& run_directory) {
  try {
    read_recorded_outputs(run_directory);
  } catch (const ModelError& error) {
    throw ModelError(std::string(error.what()) + "; " + kAdviceOnRecord);
  }
}

[[noreturn]] void refuse(const RunDirectory& directory, const std::vector<std::string>& differences) {
  require_whole_record(directory.path());
  std::string message = "the output folder " + directory.path().string() + " holds another run; it differs in:";
  for (const std::string& difference : differences) message += "\n  " + difference;
  throw ConfigError(message + "\nChoose another output_dir, or delete that run with --overwrite.");
}

}  // namespace

RunStart begin_run(RunDirectory& directory, const RunConfig& asked, bool resume, bool overwrite) {
  if (overwrite || directory.state() == RunDirectory::State::kEmpty) return RunStart::kNew;
  const auto differences = describe_differences(read_run_record(directory.path()).config, asked);
  if (!differences.empty()) refuse(directory, differences);
  if (directory.state() == RunDirectory::State::kFinished) return RunStart::kFinished;
  if (!resume)
    throw UsageError("the output folder " + directory.path().string() +
                     " holds an unfinished run of this config; continue it without --resume never, or delete it with "
                     "--overwrite");
  return RunStart::kContinue;
}

void require_same_run(const RunDirectory& directory, const RunRecord& asked) {
  const auto differences = describe_differences(read_run_record(directory.path()), asked);
  if (!differences.empty()) refuse(directory, differences);
}

}  // namespace llmtool
