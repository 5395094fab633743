#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// In which numbers weights are written; in memory they are fp32.
enum class StoredPrecision { kFp32, kFp16, kBf16 };

template <>
struct EnumNames<StoredPrecision> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{StoredPrecision::kFp32, Name("fp32")},
                                     std::pair{StoredPrecision::kFp16, Name("fp16")},
                                     std::pair{StoredPrecision::kBf16, Name("bf16")}};
};

}  // namespace llmtool
