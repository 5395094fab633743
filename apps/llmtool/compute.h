#pragma once

#include "context.h"
#include "llmtool/core/errors.h"

namespace llmtool::app {

// What llmtool-torch does with a request; null in llmtool, which does not link LibTorch.
template <class Request>
inline ExitCode (*work)(const Request& request, Context& context) = nullptr;

// Loading libtorch_cpu costs a third of a second, so `llmtool` replaces itself by `llmtool-torch`, which parses the
// same arguments and does the work under the same process id. Throws ResourceError.
[[noreturn]] void hand_over(const Context& context);

// For verbs that need LibTorch: the work of torch/*.cpp, or handing over to it.
template <class Request>
ExitCode compute(const Request& request, Context& context) {
  if (work<Request> == nullptr) hand_over(context);
  return work<Request>(request, context);
}

}  // namespace llmtool::app
