#pragma once

#include <atomic>

namespace llmtool::app {

// Installs handlers for SIGTERM, SIGINT and SIGUSR1 (the warning batch systems send before their time limit): the
// first asks the job to save and stop, a second SIGINT or SIGTERM ends the process at once.
const std::atomic<bool>& install_stop_signals();

}  // namespace llmtool::app
