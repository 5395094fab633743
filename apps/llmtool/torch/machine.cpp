#include "torch/machine.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <string>

#include "llmtool/core/errors.h"
#include "threads.h"
#include "torch/tensor_memory.h"

namespace llmtool::app {
namespace {

#ifdef LLMTOOL_CUDA
constexpr bool kIsCudaBuild = true;
#else
constexpr bool kIsCudaBuild = false;
#endif

c10::Device cpu() { return c10::Device(c10::DeviceType::CPU); }

int cuda_index(const std::string& text) {
  if (text == "cuda") return 0;
  int index = -1;
  const char* end = text.data() + text.size();
  if (text.starts_with("cuda:")) {
    const auto [after, error] = std::from_chars(text.data() + 5, end, index);
    if (error == std::errc() && after == end && index >= 0) return index;
  }
  throw UsageError("--device " + quote(text) + " is unknown; use auto, cpu, cuda or cuda:N");
}

c10::Device choose_automatically(const Context& context) {
  if (at::hasCUDA()) return {c10::DeviceType::CUDA, 0};
  if (num_visible_gpus() > 0)
    context.log().warning(
        "this machine has a GPU, but this llmtool was built for the CPU and does not use it; a CUDA build "
        "(-DLLMTOOL_CUDA=ON) does");
  return cpu();
}

c10::Device choose_cuda(const std::string& text, int index) {
  if (!kIsCudaBuild)
    throw DeviceError("--device " + text + ": this llmtool was built for the CPU; build it with -DLLMTOOL_CUDA=ON");
  const auto count = static_cast<int>(at::hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0);
  if (count == 0) throw DeviceError("--device " + text + ": no CUDA device can be used (is the NVIDIA driver loaded?)");
  if (index >= count)
    throw DeviceError("--device " + text + ": there are " + std::to_string(count) + " CUDA devices, numbered from 0");
  return {c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(index)};
}

// oneDNN keeps 1,024 compiled products, a few for every number of rows a batch may have. The last 256 are those that
// come again; the others would take a hundred megabytes in a long run. A value the user has set stays.
void bound_compiled_products() { setenv("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "256", /*overwrite=*/0); }

void apply_threads(const Context& context) {
  const ThreadChoice choice = choose_threads(context.common.threads);
  at::set_num_threads(static_cast<int>(choice.threads));
  context.log().debug("threads: " + std::to_string(choice.threads) + " (" + choice.source + ")");
}

}  // namespace

int num_visible_gpus() {
  int count = 0;
  while (access(("/dev/nvidia" + std::to_string(count)).c_str(), F_OK) == 0) ++count;
  return count;
}

c10::Device choose_device(const Context& context) {
  const std::string& text = context.common.device;
  if (text == "auto") return choose_automatically(context);
  return text == "cpu" ? cpu() : choose_cuda(text, cuda_index(text));
}

void set_up_process(const Context& context) {
  apply_threads(context);
  keep_tensor_memory();
  bound_compiled_products();
}

}  // namespace llmtool::app
