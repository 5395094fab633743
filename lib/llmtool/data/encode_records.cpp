#include "llmtool/data/encode_records.h"

#include <algorithm>
#include <optional>
#include <stdexcept>

#include "llmtool/core/errors.h"
#include "llmtool/core/parallel.h"

namespace llmtool {
namespace {

constexpr std::int64_t kRecordsPerChunk = 256;

// The ids of some consecutive records one after another.
struct Chunk {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;
  std::vector<std::int64_t> ends;  // [records]
  std::int64_t num_truncated = 0;
  std::int64_t longest = 0;
};

class ChunkEncoder {
 public:
  ChunkEncoder(const std::vector<Record>& records, const std::string& path, const Tokenizer& tokenizer,
               const TokenizerOptions& options, const EmbeddingLimits& limits)
      : records_(records),
        path_(path),
        tokenizer_(tokenizer),
        options_(options),
        limits_(limits),
        encode_options_(EncodeOptions::from(options)) {}

  std::int64_t num_chunks() const {
    return (static_cast<std::int64_t>(records_.size()) + kRecordsPerChunk - 1) / kRecordsPerChunk;
  }

  Chunk encode(std::int64_t index) const {
    Chunk chunk;
    Encoding encoding;
    const auto begin = static_cast<std::size_t>(index * kRecordsPerChunk);
    const std::size_t end = std::min(begin + kRecordsPerChunk, records_.size());
    for (std::size_t i = begin; i < end; ++i) {
      encode_record(records_[i], encoding);
      chunk.ids.insert(chunk.ids.end(), encoding.ids.begin(), encoding.ids.end());
      chunk.type_ids.insert(chunk.type_ids.end(), encoding.type_ids.begin(), encoding.type_ids.end());
      chunk.ends.push_back(static_cast<std::int64_t>(chunk.ids.size()));
      chunk.num_truncated += encoding.truncated;
      chunk.longest = std::max(chunk.longest, encoding.num_tokens_before_truncation);
    }
    return chunk;
  }

 private:
  void encode_record(const Record& record, Encoding& encoding) const {
    const SourcePosition position{path_, record.line, 0};
    const auto pair = record.has_pair ? std::optional<std::string_view>(record.text_pair) : std::nullopt;
    try {
      tokenizer_.encode_into(record.text, pair, encode_options_, encoding);
      limits_.apply(tokenizer_, encoding);
    } catch (const DataError& error) {
      throw DataError(position, error.what());
    }
    if (encoding.truncated && options_.on_overlong == OnOverlong::kError)
      throw DataError(position, "the text has " + std::to_string(encoding.num_tokens_before_truncation) +
                                    " tokens, more than tokenizer.max_length " +
                                    std::to_string(options_.max_length.value_or(0)) +
                                    "; shorten it, raise max_length, or set tokenizer.on_overlong: truncate");
  }

  const std::vector<Record>& records_;
  const std::string& path_;
  const Tokenizer& tokenizer_;
  const TokenizerOptions& options_;
  const EmbeddingLimits& limits_;
  const EncodeOptions encode_options_;
};

EncodedRecords assemble(std::vector<Chunk>& chunks, const std::vector<std::int64_t>& label_ids) {
  EncodedRecords result;
  EncodedDataset& dataset = result.dataset;
  dataset.add_column<std::int32_t>(std::string(kInputIds));
  dataset.add_column<std::int32_t>(std::string(kTokenTypeIds));
  if (!label_ids.empty()) dataset.add_column<std::int64_t>(std::string(kLabel));
  auto& input_ids = dataset.column<std::int32_t>(kInputIds);
  auto& type_ids = dataset.column<std::int32_t>(kTokenTypeIds);
  for (Chunk& chunk : chunks) {
    std::int64_t begin = 0;
    for (const std::int64_t end : chunk.ends) {
      const auto first = static_cast<std::size_t>(begin);
      const auto count = static_cast<std::size_t>(end - begin);
      input_ids.append(std::span<const std::int32_t>(chunk.ids).subspan(first, count));
      type_ids.append(std::span<const std::int32_t>(chunk.type_ids).subspan(first, count));
      const std::int64_t example = dataset.num_features();
      if (!label_ids.empty())
        dataset.column<std::int64_t>(kLabel).append(std::span(&label_ids[static_cast<std::size_t>(example)], 1));
      dataset.finish_feature(example);
      begin = end;
    }
    result.num_truncated += chunk.num_truncated;
    result.num_tokens += static_cast<std::int64_t>(chunk.ids.size());
    result.longest = std::max(result.longest, chunk.longest);
    chunk = Chunk();  // its memory is not needed twice
  }
  return result;
}

}  // namespace

EncodedRecords encode_records(const std::vector<Record>& records, const std::vector<std::int64_t>& label_ids,
                              const std::string& path, const Tokenizer& tokenizer, const TokenizerOptions& options,
                              std::int64_t num_threads, const std::string& what, EventSink& events,
                              const EmbeddingLimits& limits) {
  if (!label_ids.empty() && label_ids.size() != records.size())
    throw std::invalid_argument("there must be one label per record, or none at all");
  const ChunkEncoder encoder(records, path, tokenizer, options, limits);
  std::vector<Chunk> chunks(static_cast<std::size_t>(encoder.num_chunks()));
  const auto num_records = static_cast<std::int64_t>(records.size());
  parallel_for(
      encoder.num_chunks(), num_threads,
      [&](std::int64_t index) { chunks[static_cast<std::size_t>(index)] = encoder.encode(index); },
      [&](std::int64_t num_begun) {
        const std::int64_t done = std::min(num_begun * kRecordsPerChunk, num_records);
        events.progress({.name = what, .done = done, .total = num_records, .unit = "rows", .detail = {}});
      });
  return assemble(chunks, label_ids);
}

}  // namespace llmtool
