#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// What the matrix products of a model's body compute in. kAuto is resolved before anything is computed.
enum class Precision { kAuto, kFp32, kBf16, kFp16 };

template <>
struct EnumNames<Precision> {
  static constexpr std::array kNames{
      std::pair{Precision::kAuto, std::string_view("auto")}, std::pair{Precision::kFp32, std::string_view("fp32")},
      std::pair{Precision::kBf16, std::string_view("bf16")}, std::pair{Precision::kFp16, std::string_view("fp16")}};
};

}  // namespace llmtool
