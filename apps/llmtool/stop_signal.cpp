#include "stop_signal.h"

#include <csignal>

namespace llmtool::app {
namespace {

std::atomic<bool> stop_requested{false};

void request_stop(int signal) {
  if (stop_requested.exchange(true) && signal != SIGUSR1) {
    std::signal(signal, SIG_DFL);
    std::raise(signal);
  }
}

}  // namespace

const std::atomic<bool>& install_stop_signals() {
  static_assert(std::atomic<bool>::is_always_lock_free, "a signal handler may only touch lock-free atomics");
  struct sigaction action {};
  action.sa_handler = request_stop;
  sigemptyset(&action.sa_mask);
  for (const int signal : {SIGTERM, SIGINT, SIGUSR1}) sigaction(signal, &action, nullptr);
  return stop_requested;
}

}  // namespace llmtool::app
