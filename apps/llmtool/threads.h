#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace llmtool::app {

// How many threads a job may use, and why.
struct ThreadChoice {
  std::int64_t threads = 1;
  std::string source;  // "--threads", "affinity mask", "cgroup quota", "SLURM_CPUS_PER_TASK"
};

// --threads when given, else the smallest of the affinity mask, the cgroup's processor quota (rounded up) and
// SLURM_CPUS_PER_TASK.
ThreadChoice choose_threads(const std::optional<std::int64_t>& asked);

}  // namespace llmtool::app
