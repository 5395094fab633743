#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "context.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/events.h"
#include "llmtool/core/json_fwd.h"

namespace spdlog {
class logger;
}

namespace llmtool::app {

// Log and progress on standard error. On a terminal progress is a bar that redraws itself; otherwise, and with
// NO_COLOR's sibling TERM=dumb, it is one plain line every few seconds.
class ConsoleEvents : public EventSink {
 public:
  explicit ConsoleEvents(const CommonOptions& common);
  ~ConsoleEvents() override;

  void log(LogLevel level, const std::string& message, const Json& fields = no_fields()) override;
  void progress(const Progress& progress) override;

  // The last word of a run that failed or was stopped.
  void error(const std::string& message, ExitCode exit_code);

 private:
  void write(LogLevel level, const std::string& message, const Json& fields);
  void draw_bar(const Progress& progress);
  void erase_bar();

  std::mutex mutex_;  // the thread that hears signals speaks too
  CommonOptions common_;
  std::shared_ptr<spdlog::logger> logger_;
  bool shows_bar_ = false;
  bool bar_drawn_ = false;
  std::string progress_name_;
  std::chrono::steady_clock::time_point last_shown_;
};

}  // namespace llmtool::app
