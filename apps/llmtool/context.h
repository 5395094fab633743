#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/enum_names.h"
#include "llmtool/core/events.h"
#include "llmtool/core/fields.h"
#include "llmtool/core/json_fwd.h"

namespace llmtool::app {
enum class LogFormat { kText, kJson };
}  // namespace llmtool::app

namespace llmtool {
template <>
struct EnumNames<LogLevel> {
  using Name = std::string_view;
  static constexpr std::array kNames{
      std::pair{LogLevel::kDebug, Name("debug")}, std::pair{LogLevel::kInfo, Name("info")},
      std::pair{LogLevel::kWarning, Name("warning")}, std::pair{LogLevel::kError, Name("error")}};
};

template <>
struct EnumNames<app::LogFormat> {
  static constexpr std::array kNames{std::pair{app::LogFormat::kText, std::string_view("text")},
                                     std::pair{app::LogFormat::kJson, std::string_view("json")}};
};
}  // namespace llmtool

namespace llmtool::app {

// Options every verb has.
struct CommonOptions {
  bool json = false;
  bool quiet = false;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::optional<std::int64_t> threads;
  std::string device = "auto";

  template <class Self, class Visitor>
  static void visit_fields(Self& self, Visitor& visit) {
    constexpr const char* kGroup = "Common options";
    visit("json", self.json, "Print the result as JSON on standard output", OptionForm{.group = kGroup});
    visit("log_level", self.log_level, "What to log on standard error: debug, info, warning, error",
          OptionForm{.value = "LEVEL", .group = kGroup, .hides_default = true});
    visit("log_format", self.log_format, "Log as text, or as one JSON object a line: text, json",
          OptionForm{.value = "FORMAT", .group = kGroup, .hides_default = true});
    visit("quiet", self.quiet, "Log errors only, show no progress", OptionForm{.group = kGroup, .letter = 'q'});
    visit("threads", self.threads, "Processor threads (default: what the job may use, see llmtool env)",
          in_range<std::int64_t>(1, 4096), OptionForm{.value = "N", .group = kGroup});
    visit("device", self.device, "auto, cpu, cuda or cuda:N",
          OptionForm{.value = "DEVICE", .group = kGroup, .hides_default = true});
  }
};

// Memory that LibTorch did not get, where another word than "out of memory" says more.
class OutOfMemory : public std::bad_alloc {
 public:
  explicit OutOfMemory(std::string what) : what_(std::move(what)) {}
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  std::string what_;
};

class StopSignals;

// What a running verb has to hand: the process's arguments, its common options, where to say things and who asks it to
// stop.
struct Context {
  std::vector<std::string> arguments;  // argv, for handing over to llmtool-torch
  CommonOptions common;
  EventSink* events = nullptr;
  StopSignals* stop_signals = nullptr;

  EventSink& log() const { return *events; }
};

// Writes to standard output, on a terminal with escapes for what it would obey, and checks that it arrived. Throws
// ResourceError (a full disk behind a redirect), BrokenPipeError.
void print(const std::string& text);
// One JSON object or value on one line.
void print_json(const Json& value);

// Value of an environment variable; only apps read the environment.
std::optional<std::string> environment(const std::string& name);

}  // namespace llmtool::app
