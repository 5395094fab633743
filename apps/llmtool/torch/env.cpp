#include "verbs/env.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <torch/version.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "llmtool/core/json.h"
#include "llmtool/core/text.h"
#include "threads.h"
#include "torch/machine.h"
#include "torch/work.h"

namespace llmtool::app {
namespace {

// Value of the first line "key : value" of /proc/cpuinfo.
std::string cpuinfo(const std::string& key) {
  std::ifstream file("/proc/cpuinfo");
  std::string line;
  while (std::getline(file, line))
    if (line.starts_with(key)) {
      const std::size_t colon = line.find(": ");
      if (colon != std::string::npos) return line.substr(colon + 2);
    }
  return "";
}

// The instruction sets that decide which kernels run.
Json cpu_features() {
  std::istringstream flags(cpuinfo("flags"));
  const std::set<std::string> present{std::istream_iterator<std::string>(flags), {}};
  Json features = Json::array();
  for (const char* name : {"avx2", "fma", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8"})
    if (present.count(name) != 0) features.push_back(name);
  return features;
}

std::int64_t total_memory_bytes() {
  std::ifstream file("/proc/meminfo");
  std::string key;
  std::int64_t kibibytes = 0;
  file >> key >> kibibytes;
  return kibibytes * 1024;
}

std::string value_text(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (!value.is_array()) return value.dump();
  return listed(value, value_text);
}

ExitCode run_env(const EnvOptions&, Context& context) {
  const Json environment = describe_environment(context);
  if (context.common.json) {
    print_json(environment);
    return ExitCode::kOk;
  }
  std::string text;
  for (const auto& [name, value] : environment.items())
    text += name + std::string(20 - std::min<std::size_t>(19, name.size()), ' ') + value_text(value) + "\n";
  print(text);
  return ExitCode::kOk;
}

const Work<EnvOptions, run_env> kEnv;

}  // namespace

Json describe_environment(const Context& context) {
  const ThreadChoice threads = choose_threads(context.common.threads);
  Json devices = Json::array({"cpu"});
  const auto gpus = at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0;
  for (int index = 0; index < static_cast<int>(gpus); ++index) devices.push_back("cuda:" + std::to_string(index));
#ifdef LLMTOOL_CUDA
  const char* build = "cuda";
#else
  const char* build = "cpu";
#endif
  return {{"llmtool_version", LLMTOOL_VERSION},
          {"build", build},
          {"libtorch_version", TORCH_VERSION},
          {"compiler", "g++ " __VERSION__},
          {"cpu", cpuinfo("model name")},
          {"cpu_features", cpu_features()},
          {"cpu_capability", at::get_cpu_capability()},
          {"threads", threads.threads},
          {"threads_source", threads.source},
          {"memory_bytes", total_memory_bytes()},
          {"visible_gpus", num_visible_gpus()},
          {"devices", devices}};
}

}  // namespace llmtool::app
