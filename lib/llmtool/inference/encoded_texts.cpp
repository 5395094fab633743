#include "llmtool/inference/encoded_texts.h"

#include <string>

#include "llmtool/core/errors.h"
#include "llmtool/data/encode_records.h"

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

}  // namespace llmtool
