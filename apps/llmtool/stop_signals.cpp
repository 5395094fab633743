#include "stop_signals.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <system_error>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"

namespace llmtool::app {
namespace {

constexpr std::array kStopSignals = {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU};

bool has_default_action(int signal) {
  struct sigaction action {};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_DFL;
}

// Those that were not ignored when the program began.
sigset_t heard_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int signal : kStopSignals)
    if (has_default_action(signal)) sigaddset(&set, signal);
  return set;
}

void ignore_quietly(int /*signal*/) {}

void act_by_default(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, signal);
  pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

[[noreturn]] void end_by(int signal) {
  remove_temporary_paths();
  act_by_default(signal);
  kill(getpid(), signal);
  while (true) pause();
}

}  // namespace

void hold_signals() {
  const sigset_t set = heard_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  std::signal(SIGXFSZ, SIG_IGN);
  // A handler, unlike SIG_IGN, does not reach the program that this one becomes, which then sees what the caller chose.
  if (has_default_action(SIGPIPE)) std::signal(SIGPIPE, ignore_quietly);
}

void end_by_broken_pipe() {
  struct sigaction action {};
  sigaction(SIGPIPE, nullptr, &action);
  if (action.sa_handler != SIG_IGN) end_by(SIGPIPE);
}

StopSignals::StopSignals(Say say, const std::string& message)
    : say_(std::move(say)),
      manner_(message.empty() ? Manner::kEndBySignal : Manner::kEndWithMessage),
      message_(message) {
  const sigset_t set = heard_signals();
  signals_ = signalfd(-1, &set, SFD_CLOEXEC);
  wake_ = eventfd(0, EFD_CLOEXEC);
  if (signals_ < 0 || wake_ < 0) throw ResourceError(std::string("cannot wait for signals: ") + std::strerror(errno));
  try {
    thread_ = std::thread([this] { listen(); });
  } catch (const std::system_error& error) {
    throw ResourceError(std::string("cannot start a thread: ") + error.what());
  }
}

StopSignals::~StopSignals() {
  stop_listening();
  close(signals_);
  close(wake_);
}

void StopSignals::stop_listening() {
  if (!thread_.joinable()) return;
  const std::uint64_t one = 1;
  if (write(wake_, &one, sizeof(one)) == sizeof(one)) thread_.join();
}

void StopSignals::end_with(const std::string& message) {
  const std::lock_guard lock(mutex_);
  manner_ = Manner::kEndWithMessage;
  message_ = message;
}

void StopSignals::ask() {
  const std::lock_guard lock(mutex_);
  manner_ = Manner::kAsk;
}

// A signal is taken only while it is listened: one that comes behind stop_listening() keeps waiting.
void StopSignals::listen() {
  std::array<pollfd, 2> waited{pollfd{signals_, POLLIN, 0}, pollfd{wake_, POLLIN, 0}};
  while (true) {
    if (poll(waited.data(), waited.size(), -1) < 0 && errno != EINTR) return;
    if (waited[1].revents != 0) return;
    signalfd_siginfo information{};
    if (waited[0].revents != 0 && read(signals_, &information, sizeof(information)) == sizeof(information))
      hear(static_cast<int>(information.ssi_signo));
  }
}

void StopSignals::hear(int signal) {
  const std::lock_guard lock(mutex_);
  const bool is_interrupt = signal == SIGINT || signal == SIGTERM;
  const bool is_second = is_interrupt && std::exchange(was_interrupted_, was_interrupted_ || is_interrupt);
  switch (manner_) {
    case Manner::kEndBySignal:
      end_by(signal);
    case Manner::kEndWithMessage:
      end_saying();
    case Manner::kAsk:
      if (is_second) end_by(signal);
      was_asked_ = true;
  }
}

void StopSignals::end_saying() {
  remove_temporary_paths();
  // Saying may hang, on a terminal that is stopped; then the next signal ends the process.
  for (const int signal : {SIGINT, SIGTERM}) act_by_default(signal);
  say_(message_);
  std::_Exit(static_cast<int>(ExitCode::kStopped));
}

}  // namespace llmtool::app
