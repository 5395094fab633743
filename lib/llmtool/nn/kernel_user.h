#pragma once

namespace torch::nn {
class Module;
}

namespace llmtool {

// A module that computes with the kernels or, as their reference, with plain ATen operations.
class KernelUser {
 public:
  virtual ~KernelUser() = default;
  bool uses_kernels() const { return uses_kernels_; }
  void use_kernels(bool wanted) { uses_kernels_ = wanted; }

 private:
  bool uses_kernels_ = true;
};

// Makes every part of a model compute with the kernels, or none.
void use_kernels(torch::nn::Module& model, bool wanted);

}  // namespace llmtool
