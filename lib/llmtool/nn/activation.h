#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// kGelu is x * Phi(x) with the error function, kGeluTanh its tanh approximation (Hendrycks & Gimpel, 2016).
enum class Activation { kGelu, kGeluTanh, kRelu, kSilu, kTanh };

// Names of Hugging Face's `hidden_act`. Several names of one function are allowed; the first is the one written.
template <>
struct EnumNames<Activation> {
  using Name = std::string_view;
  static constexpr std::array kNames{
      std::pair{Activation::kGelu, Name("gelu")},          std::pair{Activation::kGeluTanh, Name("gelu_new")},
      std::pair{Activation::kRelu, Name("relu")},          std::pair{Activation::kSilu, Name("silu")},
      std::pair{Activation::kTanh, Name("tanh")},          std::pair{Activation::kGeluTanh, Name("gelu_pytorch_tanh")},
      std::pair{Activation::kGeluTanh, Name("gelu_fast")}, std::pair{Activation::kSilu, Name("swish")}};
};

}  // namespace llmtool
