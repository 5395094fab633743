#pragma once

#include <ATen/core/Tensor.h>

#include <string>

namespace llmtool {

// One named part of a task's loss over some examples: the mean is sum / denominator.
struct TaskLoss {
  std::string name;
  at::Tensor sum;  // scalar fp32 with gradients
  double denominator = 0.0;
};

}  // namespace llmtool
