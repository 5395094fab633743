#include "threads.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <sstream>
#include <vector>

#include "context.h"

namespace llmtool::app {
namespace {

std::optional<std::int64_t> affinity_threads() {
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof(set), &set) != 0) return std::nullopt;
  return CPU_COUNT(&set);
}

std::optional<std::int64_t> rounded_up_quota(double quota, double period) {
  if (quota <= 0 || period <= 0) return std::nullopt;
  return std::max<std::int64_t>(1, static_cast<std::int64_t>((quota + period - 1) / period));
}

// Path of this process below the cgroup root of `controller` ("" for the unified hierarchy), from /proc/self/cgroup.
std::string cgroup_path(const std::string& controller) {
  std::ifstream file("/proc/self/cgroup");
  std::string line;
  while (std::getline(file, line)) {
    const std::size_t first = line.find(':');
    const std::size_t second = line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = "," + line.substr(first + 1, second - first - 1) + ",";
    if (controllers == "," + controller + "," ||
        (!controller.empty() && controllers.find("," + controller + ",") != std::string::npos))
      return line.substr(second + 1);
  }
  return "/";
}

// The smallest quota of the group and its parents: each level limits all below it.
template <class ReadQuota>
std::optional<std::int64_t> smallest_quota(const std::string& root, std::string path, ReadQuota read_quota) {
  std::optional<std::int64_t> smallest;
  while (true) {
    const auto quota = read_quota(root + (path == "/" ? "" : path));
    if (quota && (!smallest || *quota < *smallest)) smallest = quota;
    if (path.size() <= 1) return smallest;
    path.resize(std::max<std::size_t>(1, path.find_last_of('/')));
  }
}

std::optional<std::int64_t> cgroup_v2_quota(const std::string& directory) {
  std::ifstream file(directory + "/cpu.max");
  std::string quota;
  double period = 0;
  if (!(file >> quota >> period) || quota == "max") return std::nullopt;
  return rounded_up_quota(std::stod(quota), period);
}

std::optional<std::int64_t> cgroup_v1_quota(const std::string& directory) {
  double quota = 0;
  double period = 0;
  if (!(std::ifstream(directory + "/cpu.cfs_quota_us") >> quota)) return std::nullopt;
  if (!(std::ifstream(directory + "/cpu.cfs_period_us") >> period)) return std::nullopt;
  return rounded_up_quota(quota, period);
}

std::optional<std::int64_t> slurm_threads() {
  const auto text = environment("SLURM_CPUS_PER_TASK");
  if (!text) return std::nullopt;
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value < 1) return std::nullopt;
  return value;
}

}  // namespace

ThreadChoice choose_threads(const std::optional<std::int64_t>& asked) {
  if (asked) return {*asked, "--threads"};
  ThreadChoice choice{0, ""};
  const auto consider = [&choice](const std::optional<std::int64_t>& threads, const char* source) {
    if (threads && (choice.threads == 0 || *threads < choice.threads)) choice = {*threads, source};
  };
  consider(affinity_threads(), "affinity mask");
  consider(smallest_quota("/sys/fs/cgroup", cgroup_path(""), cgroup_v2_quota), "cgroup quota");
  consider(smallest_quota("/sys/fs/cgroup/cpu", cgroup_path("cpu"), cgroup_v1_quota), "cgroup quota");
  consider(slurm_threads(), "SLURM_CPUS_PER_TASK");
  if (choice.threads == 0) return {1, "default"};
  return choice;
}

}  // namespace llmtool::app
