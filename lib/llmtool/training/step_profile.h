#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "llmtool/core/json_fwd.h"

namespace llmtool {

// Seconds since it was made or restarted.
class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }
  void restart() { start_ = Clock::now(); }

 private:
  using Clock = std::chrono::steady_clock;
  Clock::time_point start_ = Clock::now();
};

// What an optimizer step does one after the other.
enum class StepStage { kData, kForward, kBackward, kGradientNorm, kUpdate };

// Where the time of optimizer steps goes: by stage, and within the forward and backward pass by the kind of operation
// that LibTorch reports. One at a time per thread; it watches the thread it was made on.
class StepProfile {
 public:
  StepProfile();
  ~StepProfile();
  StepProfile(const StepProfile&) = delete;
  StepProfile& operator=(const StepProfile&) = delete;

  // Ends the stage before.
  void begin(StepStage stage);
  void end_step();

  std::int64_t num_steps() const { return num_steps_; }
  // {"steps", "milliseconds_per_step", "parts": [{"stage", "part", "milliseconds", "share"}, …]}, means over the steps.
  Json to_json() const;

 private:
  friend struct OperationObserver;
  struct Part {
    StepStage stage;
    std::string_view kind;                          // of operation; "" for a stage as a whole
    auto operator<=>(const Part&) const = default;  // NOLINT(modernize-use-nullptr): clang-tidy 14 sees one
  };
  void end_stage();

  std::uint64_t handle_ = 0;
  bool is_running_ = false;
  StepStage stage_ = StepStage::kForward;
  Stopwatch watch_;
  std::map<Part, double> seconds_;
  double in_operations_ = 0.0;  // of the stage so far
  std::int64_t num_steps_ = 0;
};

// The profile as a table for people.
std::string profile_table(const Json& profile);

}  // namespace llmtool
