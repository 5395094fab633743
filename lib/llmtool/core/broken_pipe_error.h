#pragma once

#include "llmtool/core/errors.h"

namespace llmtool {

// Nobody reads any more what goes into a pipe.
class BrokenPipeError : public ResourceError {
 public:
  using ResourceError::ResourceError;
};

}  // namespace llmtool
