#include "llmtool/nn/kernel_user.h"

#include <torch/nn/module.h>

namespace llmtool {

void use_kernels(torch::nn::Module& model, bool wanted) {
  if (auto* user = dynamic_cast<KernelUser*>(&model)) user->use_kernels(wanted);
  for (const auto& part : model.modules(/*include_self=*/false))
    if (auto* user = dynamic_cast<KernelUser*>(part.get())) user->use_kernels(wanted);
}

}  // namespace llmtool
