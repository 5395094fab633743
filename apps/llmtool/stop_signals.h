#pragma once

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

namespace llmtool::app {

// Keeps the signals that ask a process to end (SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGUSR2, SIGXCPU) waiting until
// StopSignals listens, also while this program becomes another. What the caller had ignored (nohup, a job in the
// background) stays ignored. A write beyond the limit of file sizes, or into a pipe that nobody reads, fails instead of
// ending the process. First thing in main, before there are threads.
void hold_signals();

// Ends the process as SIGPIPE does by default; returns where the caller had that ignored.
void end_by_broken_pipe();

// Hears those signals in a thread of its own while the object lives. Temporary files go in every case.
class StopSignals {
 public:
  using Say = std::function<void(const std::string&)>;

  // At first a signal ends the process as it does by default, or as by end_with() where there is a message. Throws
  // ResourceError.
  StopSignals(Say say, const std::string& message);
  ~StopSignals();
  StopSignals(const StopSignals&) = delete;
  StopSignals& operator=(const StopSignals&) = delete;

  // From now on the first signal ends the process at once, saying `message`, with the exit code for "run it again".
  void end_with(const std::string& message);
  // From now on the first signal only makes was_asked() true; a second SIGINT or SIGTERM ends the process at once.
  void ask();
  bool was_asked() const { return was_asked_; }

  // Signals wait again, for the program that this one becomes.
  void stop_listening();

 private:
  enum class Manner { kEndBySignal, kEndWithMessage, kAsk };

  void listen();
  void hear(int signal);
  [[noreturn]] void end_saying();

  Say say_;
  std::mutex mutex_;  // held for ever once the process is being ended
  Manner manner_ = Manner::kEndBySignal;
  std::string message_;
  bool was_interrupted_ = false;
  std::atomic<bool> was_asked_ = false;
  int signals_ = -1;
  int wake_ = -1;
  std::thread thread_;
};

}  // namespace llmtool::app
