#pragma once

#include <ATen/core/Tensor.h>
#include <c10/core/Device.h>

#include <cstdint>
#include <span>
#include <vector>

#include "llmtool/data/sequence_source.h"
#include "llmtool/data/target_rule.h"
#include "llmtool/models/model.h"

namespace llmtool {

// A sequence with what must be predicted of it.
struct LanguageModelExample {
  TokenSequence sequence;
  std::vector<PredictedToken> targets;
};

LanguageModelExample make_example(const SequenceSource& source, const TargetRule& rule, std::int64_t index,
                                  std::int64_t epoch);

// Packed examples on a device.
struct LanguageModelBatch {
  ModelInput input;
  at::Tensor rows;         // int64 [targets]: row of `input` whose hidden state predicts
  at::Tensor targets;      // int64 [targets]: token id
  at::Tensor pair_labels;  // int64 [sequences]; undefined without sentence pairs
};

LanguageModelBatch make_batch(std::span<const LanguageModelExample> examples, c10::Device device);

}  // namespace llmtool
