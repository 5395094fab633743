#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// State of a long piece of work, reported often; the sink decides how often to show it.
struct Progress {
  std::string_view name;  // "training", "evaluating validation", "tokenizing train"
  std::int64_t done = 0;
  std::int64_t total = 0;  // 0: unknown
  std::string_view unit;   // "steps", "rows"
  std::string detail;      // "loss 0.412  2,031 tokens/s"
};

// For messages that say all there is in their text.
const Json& no_fields();

// Where library code sends what it has to say. Apps implement it with spdlog, a progress bar or JSON lines.
class EventSink {
 public:
  virtual ~EventSink() = default;
  // `fields` is an object with the same facts in machine-readable form, or null.
  virtual void log(LogLevel level, const std::string& message, const Json& fields = no_fields()) = 0;
  virtual void progress(const Progress& progress) = 0;

  void debug(const std::string& message, const Json& fields = no_fields()) { log(LogLevel::kDebug, message, fields); }
  void info(const std::string& message, const Json& fields = no_fields()) { log(LogLevel::kInfo, message, fields); }
  void warning(const std::string& message, const Json& fields = no_fields()) {
    log(LogLevel::kWarning, message, fields);
  }
};

// Discards everything: the default in tests.
EventSink& silent_events();

}  // namespace llmtool
