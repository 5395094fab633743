#pragma once

#include "llmtool/commands/run_directory.h"
#include "llmtool/tasks/run_record.h"

namespace llmtool {

// What a command finds in its run directory and may do there.
enum class RunStart { kNew, kContinue, kFinished };

// Decides by the files of an earlier run and the config asked for; `overwrite` removes them first. Throws ConfigError
// listing the differences when the folder holds a run of another config, UsageError when an unfinished run may not be
// continued (`resume` false).
RunStart begin_run(RunDirectory& directory, const RunConfig& asked, bool resume, bool overwrite);

// Throws ConfigError when data, tokenizer or weights have changed since the run that is continued began.
void require_same_run(const RunDirectory& directory, const RunRecord& asked);

}  // namespace llmtool
