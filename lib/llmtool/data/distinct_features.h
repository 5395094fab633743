#pragma once

#include <cstdint>
#include <vector>

#include "llmtool/data/encoded_dataset.h"

namespace llmtool {

// For every feature the first one with the same token ids and types: itself unless it is a repetition.
std::vector<std::int64_t> first_equal_features(const EncodedDataset& dataset);

}  // namespace llmtool
