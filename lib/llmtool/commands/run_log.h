#pragma once

#include <cstdio>
#include <filesystem>

#include "llmtool/core/events.h"

namespace llmtool {

// Passes events on and keeps every log line, whatever the console shows, in run.log with date and level. A run that is
// resumed appends to it.
class RunLog : public EventSink {
 public:
  RunLog(EventSink& next, const std::filesystem::path& path);
  ~RunLog() override;
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  void log(LogLevel level, const std::string& message, const Json& fields = nullptr) override;
  void progress(const Progress& progress) override { next_.progress(progress); }

 private:
  EventSink& next_;
  std::FILE* file_;
};

}  // namespace llmtool
