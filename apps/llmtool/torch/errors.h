#pragma once

#include <utility>

namespace llmtool::app {

// Rethrows the exception in flight; LibTorch's own become llmtool errors without their C++ stack traces.
[[noreturn]] void rethrow_torch_error();

template <class Work>
auto with_torch_errors(Work&& work) {
  try {
    return std::forward<Work>(work)();
  } catch (...) {
    rethrow_torch_error();
  }
}

}  // namespace llmtool::app
