#include "llmtool/inference/model_input.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <vector>

#include "llmtool/data/encode_records.h"

namespace llmtool {
namespace {

// int64 [tokens]
at::Tensor pack(const RaggedColumn<std::int32_t>& column, std::span<const std::int64_t> features,
                std::int64_t num_tokens, c10::Device device) {
  at::Tensor packed = at::empty({num_tokens}, at::kLong);
  std::int64_t* destination = packed.mutable_data_ptr<std::int64_t>();
  for (const std::int64_t feature : features) {
    const std::span<const std::int32_t> row = column.row(feature);
    destination = std::copy(row.begin(), row.end(), destination);
  }
  return packed.to(device);
}

}  // namespace

ModelInput make_model_input(const EncodedDataset& dataset, std::span<const std::int64_t> features, c10::Device device) {
  const auto& input_ids = dataset.column<std::int32_t>(kInputIds);
  std::vector<std::int64_t> lengths;
  lengths.reserve(features.size());
  for (const std::int64_t feature : features)
    lengths.push_back(static_cast<std::int64_t>(input_ids.row(feature).size()));
  SequenceLayout layout(std::move(lengths), device);
  const std::int64_t num_tokens = layout.num_tokens();
  return {pack(input_ids, features, num_tokens, device),
          pack(dataset.column<std::int32_t>(kTokenTypeIds), features, num_tokens, device), std::move(layout)};
}

}  // namespace llmtool
