#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/json.h"

namespace llmtool::app {

enum class LogFormat { kText, kJson };

// Options every verb has.
struct CommonArguments {
  bool json = false;
  bool quiet = false;
  LogLevel log_level = LogLevel::kInfo;
  LogFormat log_format = LogFormat::kText;
  std::optional<std::int64_t> threads;
  std::string device = "auto";
};

class StopSignals;

// What a running verb has to hand: the process's arguments, its common options, where to say things and who asks it to
// stop.
struct Context {
  std::vector<std::string> arguments;  // argv, for handing over to llmtool-torch
  CommonArguments common;
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
