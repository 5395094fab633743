#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// How the vectors of a text's tokens become one: that of its first token, or the mean of all.
enum class Pooling { kCls, kMean };

template <>
struct EnumNames<Pooling> {
  static constexpr std::array kNames{std::pair{Pooling::kCls, std::string_view("cls")},
                                     std::pair{Pooling::kMean, std::string_view("mean")}};
};

}  // namespace llmtool
