#pragma once

#include <c10/core/Device.h>

#include <cstdint>
#include <span>

#include "llmtool/data/encoded_dataset.h"
#include "llmtool/models/model.h"

namespace llmtool {

// Packs these features of the dataset's columns input_ids and token_type_ids behind each other, in the order given.
// Throws std::invalid_argument for no feature, and for one without tokens.
ModelInput make_model_input(const EncodedDataset& dataset, std::span<const std::int64_t> features, c10::Device device);

}  // namespace llmtool
