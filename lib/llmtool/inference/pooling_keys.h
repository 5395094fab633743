#pragma once

#include <array>

#include "llmtool/nn/pooling_kind.h"

namespace llmtool {

// A mode's key in 1_Pooling/config.json before version 6 of sentence-transformers, which has one for all of them.
struct PoolingKey {
  const char* key;
  Pooling pooling;
  bool is_always_written;  // as the oldest versions did, which refuse the others
};

// In the order in which the vectors of several modes stand behind each other.
inline constexpr std::array kPoolingKeys{
    PoolingKey{"pooling_mode_cls_token", Pooling::kCls, true},
    PoolingKey{"pooling_mode_max_tokens", Pooling::kMax, true},
    PoolingKey{"pooling_mode_mean_tokens", Pooling::kMean, true},
    PoolingKey{"pooling_mode_mean_sqrt_len_tokens", Pooling::kMeanSqrtLength, true},
    PoolingKey{"pooling_mode_weightedmean_tokens", Pooling::kWeightedMean, false},
    PoolingKey{"pooling_mode_lasttoken", Pooling::kLastToken, false}};

}  // namespace llmtool
