#pragma once

#include <string_view>

#include "llmtool/core/events.h"

namespace llmtool::app {

// From now on a crash (SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT) writes what was being done, what is kept and where it
// happened to standard error, and ends the process with the exit code for internal errors; with LLMTOOL_CORE_DUMP set,
// by the signal, which leaves a core dump. A sanitizer that has taken a signal keeps it.
void report_crashes();

// What is being done, for the report.
void note_verb(std::string_view verb, bool can_be_continued);
void note_progress(const Progress& progress);

}  // namespace llmtool::app
