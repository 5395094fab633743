#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "command_line.h"
#include "crash_report.h"
#include "stop_signals.h"

namespace {

// Opens /dev/null for each of standard input, output and error that the caller closed: a file opened later would get
// its number, and with it what is meant for the stream. The lowest free number is taken, so each gets its own.
void open_missing_streams() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    if (fcntl(descriptor, F_GETFD) < 0 && errno == EBADF && open("/dev/null", O_RDWR) < 0) return;
}

}  // namespace

int main(int argc, char** argv) {
  open_missing_streams();
  llmtool::app::hold_signals();
  llmtool::app::report_crashes();
  return llmtool::app::run_command_line(argc, argv);
}
