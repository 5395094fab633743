#include "command_line.h"
#include "crash_report.h"
#include "standard_streams.h"
#include "stop_signals.h"

int main(int argc, char** argv) {
  llmtool::app::open_missing_streams();
  llmtool::app::hold_signals();
  llmtool::app::report_crashes();
  return llmtool::app::run_command_line(argc, argv);
}
