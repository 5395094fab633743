#pragma once

#include <array>
#include <string_view>
#include <utility>

#include "llmtool/core/enum_names.h"

namespace llmtool {

// How the vectors of a text's tokens become one: that of the first or the last, the largest of each number, their mean,
// their sum over the square root of how many they are, or their mean where the n-th counts n times.
enum class Pooling { kCls, kMax, kMean, kMeanSqrtLength, kWeightedMean, kLastToken };

// The names of sentence-transformers, in the order in which it puts the vectors of several behind each other.
template <>
struct EnumNames<Pooling> {
  using Name = std::string_view;
  static constexpr std::array kNames{std::pair{Pooling::kCls, Name("cls")},
                                     std::pair{Pooling::kMax, Name("max")},
                                     std::pair{Pooling::kMean, Name("mean")},
                                     std::pair{Pooling::kMeanSqrtLength, Name("mean_sqrt_len_tokens")},
                                     std::pair{Pooling::kWeightedMean, Name("weightedmean")},
                                     std::pair{Pooling::kLastToken, Name("lasttoken")}};
};

}  // namespace llmtool
