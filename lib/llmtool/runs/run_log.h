#pragma once

#include <cstdio>
#include <filesystem>

#include "llmtool/core/events.h"
#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Passes events on and keeps every log line, whatever the console shows, in run.log with date and level. A run that is
// resumed appends to it. A file that cannot be written to is told of once, and does not end the run.
class RunLog : public EventSink {
 public:
  RunLog(EventSink& next, const std::filesystem::path& path);
  ~RunLog() override;
  RunLog(const RunLog&) = delete;
  RunLog& operator=(const RunLog&) = delete;

  void log(LogLevel level, const std::string& message, const Json& fields = no_fields()) override;
  void progress(const Progress& progress) override { next_.progress(progress); }

 private:
  void tell_of_failure(int error_number);

  EventSink& next_;
  std::filesystem::path path_;
  std::FILE* file_;
  bool has_failed_ = false;
};

}  // namespace llmtool
