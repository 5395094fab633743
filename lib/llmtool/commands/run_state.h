#pragma once

#include "llmtool/commands/run_directory.h"
#include "llmtool/commands/run_record.h"

namespace llmtool {

// What a command finds in its run directory and may do there.
enum class RunStart { kNew, kContinue, kFinished };

// Decides by the files of an earlier run and the config asked for; `overwrite` removes them first. Throws ConfigError
// listing the differences when the folder holds a run of another config, UsageError when an unfinished run may not be
// continued (`resume` false).
RunStart begin_run(RunDirectory& directory, const RunConfig& asked, bool resume, bool overwrite);

// Writes the record of a new run; for one that is continued, throws ConfigError when data, tokenizer or weights have
// changed since it began.
void confirm_run(const RunDirectory& directory, RunStart start, const RunRecord& asked);

}  // namespace llmtool
