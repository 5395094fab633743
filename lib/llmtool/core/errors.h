#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace llmtool {

// Exit codes of the program, documented in docs/cli.md. Apps turn exceptions into these; nothing else exits.
enum class ExitCode : int {
  kOk = 0,
  kInternal = 1,
  kUsage = 2,
  kConfig = 3,
  kData = 4,
  kModel = 5,
  kResources = 6,
  kNonFinite = 7,
  kDevice = 8,
  kQualityGate = 9,
  kStopped = 75,
};

// Where in a text something was found. Lines and columns count from 1; 0 means unknown. Columns count code points.
struct SourcePosition {
  std::string file;
  std::int64_t line = 0;
  std::int64_t column = 0;

  // "file:line:column", leaving out what is unknown.
  std::string to_string() const;
};

// Base of every error a user can cause. what() is the whole text shown: where, what is wrong, what to do.
class Error : public std::runtime_error {
 public:
  Error(ExitCode exit_code, const std::string& message) : std::runtime_error(message), exit_code_(exit_code) {}
  ExitCode exit_code() const { return exit_code_; }

 private:
  ExitCode exit_code_;
};

// One class per exit code, so that a throw site says which promise it keeps. With a position, the text starts with it.
template <ExitCode code>
class ErrorOf : public Error {
 public:
  explicit ErrorOf(const std::string& message) : Error(code, message) {}
  ErrorOf(const SourcePosition& position, const std::string& message)
      : Error(code, position.to_string() + ": " + message) {}
};

using UsageError = ErrorOf<ExitCode::kUsage>;          // command line
using ConfigError = ErrorOf<ExitCode::kConfig>;        // run config
using DataError = ErrorOf<ExitCode::kData>;            // content of data files
using ModelError = ErrorOf<ExitCode::kModel>;          // model, tokenizer and checkpoint files
using ResourceError = ErrorOf<ExitCode::kResources>;   // files and folders that cannot be read or written, memory, disk
using NonFiniteError = ErrorOf<ExitCode::kNonFinite>;  // NaN or infinity in loss or weights
using DeviceError = ErrorOf<ExitCode::kDevice>;        // accelerator and process group
using StoppedError = ErrorOf<ExitCode::kStopped>;      // stopped by signal or time limit after saving

// `name` in single quotes with control characters and invalid UTF-8 shown as escapes, shortened to 80 code points.
std::string quote(std::string_view name);

// Nearest of `candidates` to `name` by edit distance, or "" when none is close enough to suggest.
std::string nearest_name(std::string_view name, const std::vector<std::string>& candidates);

// Nobody reads any more what goes into a pipe.
class BrokenPipeError : public ResourceError {
 public:
  using ResourceError::ResourceError;
};

}  // namespace llmtool
