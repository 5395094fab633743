#include "torch/work.h"

#include <c10/util/Exception.h>

#include <string>

#include "llmtool/core/errors.h"

namespace llmtool::app {

void rethrow_torch_error() {
  try {
    throw;
  } catch (const c10::OutOfMemoryError& error) {
    throw OutOfMemory(std::string("out of device memory (") + error.what_without_backtrace() + ")");
  } catch (const c10::Error& error) {
    const std::string text = error.what_without_backtrace();
    // The CPU allocator reports a failed allocation as a plain c10::Error.
    if (text.find("DefaultCPUAllocator") != std::string::npos) throw OutOfMemory("out of memory");
    throw Error(ExitCode::kInternal, "internal error in LibTorch: " + text);
  }
}

}  // namespace llmtool::app
