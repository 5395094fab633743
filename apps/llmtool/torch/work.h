#pragma once

#include "compute.h"

namespace llmtool::app {

// Rethrows the exception in flight; LibTorch's own become llmtool errors without their C++ stack traces.
[[noreturn]] void rethrow_torch_error();

// A constant of this type makes `run` the work of the verbs with this request.
template <class Request, ExitCode (*run)(const Request&, Context&)>
struct Work {
  Work() {
    work<Request> = [](const Request& request, Context& context) {
      try {
        return run(request, context);
      } catch (...) {
        rethrow_torch_error();
      }
    };
  }
};

}  // namespace llmtool::app
