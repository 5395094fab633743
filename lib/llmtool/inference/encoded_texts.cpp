#include "llmtool/inference/encoded_texts.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/data/encoded_dataset.h"

namespace llmtool {

std::int64_t EncodedTexts::num_tokens(std::int64_t index) const {
  return static_cast<std::int64_t>(dataset.column<std::int32_t>(kInputIds).row(index).size());
}

EncodedTexts encode_texts(const Tokenizer& tokenizer, const TokenizerOptions& options, std::span<const TextInput> texts,
                          const EmbeddingLimits& limits) {
  EncodedTexts result;
  result.dataset.add_column<std::int32_t>(std::string(kInputIds));
  result.dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  auto& input_ids = result.dataset.column<std::int32_t>(kInputIds);
  auto& type_ids = result.dataset.column<std::int32_t>(kTokenTypeIds);
  const EncodeOptions encode_options = EncodeOptions::from(options);
  Encoding encoding;
  for (const TextInput& text : texts) {
    const std::int64_t index = result.dataset.num_features();
    try {
      tokenizer.encode_into(text.text, text.pair, encode_options, encoding);
      limits.apply(tokenizer, encoding);
    } catch (const DataError& error) {
      throw DataError("text " + std::to_string(index + 1) + ": " + error.what());
    }
    input_ids.append(encoding.ids);
    type_ids.append(encoding.type_ids);
    result.dataset.finish_feature(index);
    result.truncated.push_back(encoding.truncated);
  }
  return result;
}

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
