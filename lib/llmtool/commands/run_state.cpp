#include "llmtool/commands/run_state.h"

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

[[noreturn]] void refuse(const RunDirectory& directory, const std::vector<std::string>& differences) {
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
