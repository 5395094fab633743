#include "crash_report.h"

#include <execinfo.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "context.h"
#include "llmtool/core/errors.h"

namespace llmtool::app {
namespace {

constexpr std::array kCrashSignals = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
constexpr std::size_t kLongestName = 64;
constexpr int kMostFrames = 64;

// Read by a signal handler while it may be written: a name may come out mixed, but never without its end.
struct Activity {
  std::array<char, kLongestName> verb{};
  std::array<char, kLongestName> stage{};
  std::atomic<std::int64_t> done = 0;
  std::atomic<std::int64_t> total = 0;
  std::array<char, kLongestName> unit{};
  std::atomic<bool> can_be_continued = false;
};

Activity activity;
bool leaves_core_dump = false;
std::atomic<pid_t> reporting_thread = 0;

// A handler has a stack of its own, as the usual one may have run out.
alignas(16) std::array<char, std::size_t{128} << 10> handler_stack;

void keep(std::array<char, kLongestName>& place, std::string_view text) {
  const std::size_t size = std::min(text.size(), place.size() - 1);
  std::memcpy(place.data(), text.data(), size);
  place[size] = '\0';
}

// Only what may be called in a signal handler.
void say(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(STDERR_FILENO, text.data(), text.size());
    if (written <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(written));
  }
}

void say(std::int64_t number) {
  std::array<char, 24> digits{};
  std::size_t begin = digits.size();
  do digits[--begin] = static_cast<char>('0' + number % 10);
  while ((number /= 10) > 0);
  say(std::string_view(digits.data() + begin, digits.size() - begin));
}

const char* describe(int signal) {
  switch (signal) {
    case SIGSEGV:
      return "SIGSEGV (memory was used that is not there)";
    case SIGBUS:
      return "SIGBUS (memory could not be read: was a file cut while it was in use?)";
    case SIGFPE:
      return "SIGFPE (a whole number was divided by zero)";
    case SIGILL:
      return "SIGILL (the processor does not know an instruction)";
    default:
      return "SIGABRT (the program gave up)";
  }
}

void say_activity(int signal) {
  say("\ninternal error: llmtool ");
  say(activity.verb.data());
  say(" crashed with ");
  say(describe(signal));
  if (activity.stage[0] != '\0') {
    say(", last seen at: ");
    say(activity.stage.data());
    say(" ");
    say(activity.done);
    if (activity.total > 0) {
      say("/");
      say(activity.total);
    }
    say(" ");
    say(activity.unit.data());
  }
  say(activity.can_be_continued
          ? "\nCheckpoints are whole; the same command goes on from the newest. Please report this with these lines:\n"
          : "\nNo output was left half-written. Please report this with these lines:\n");
}

// The frames name the program as it was called, not the one that it became.
void say_program() {
  std::array<char, 512> path{};
  const ssize_t size = readlink("/proc/self/exe", path.data(), path.size());
  if (size <= 0) return;
  say("in ");
  say(std::string_view(path.data(), static_cast<std::size_t>(size)));
  say("\n");
}

// Behind a second crash, in the report itself, there is nothing more to say.
void report(int signal) {
  const auto thread = static_cast<pid_t>(syscall(SYS_gettid));
  pid_t none = 0;
  if (!reporting_thread.compare_exchange_strong(none, thread)) {
    if (none == thread) _exit(static_cast<int>(ExitCode::kInternal));
    while (true) pause();
  }
  say_activity(signal);
  say_program();
  std::array<void*, kMostFrames> frames{};
  backtrace_symbols_fd(frames.data(), backtrace(frames.data(), kMostFrames), STDERR_FILENO);
  if (!leaves_core_dump) _exit(static_cast<int>(ExitCode::kInternal));
  std::signal(signal, SIG_DFL);
  raise(signal);  // waits until this handler returns
}

}  // namespace

void report_crashes() {
  leaves_core_dump = environment("LLMTOOL_CORE_DUMP").has_value();
  // The first call loads a library, which a signal handler may not do.
  std::array<void*, 1> frame{};
  backtrace(frame.data(), 1);
  stack_t stack{};
  stack.ss_sp = handler_stack.data();
  stack.ss_size = handler_stack.size();
  sigaltstack(&stack, nullptr);
  struct sigaction action {};
  action.sa_handler = report;
  action.sa_flags = SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  for (const int signal : kCrashSignals) {
    struct sigaction present {};
    if (sigaction(signal, nullptr, &present) == 0 && present.sa_handler == SIG_DFL) sigaction(signal, &action, nullptr);
  }
}

void note_verb(std::string_view verb, bool can_be_continued) {
  keep(activity.verb, verb);
  activity.can_be_continued = can_be_continued;
}

void note_progress(const Progress& progress) {
  keep(activity.stage, progress.name);
  keep(activity.unit, progress.unit);
  activity.done = progress.done;
  activity.total = progress.total;
}

}  // namespace llmtool::app
