#include "llmtool/data/encoded_dataset.h"

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_map>

#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/parallel.h"

namespace llmtool {

void EmbeddingLimits::apply(const Tokenizer& tokenizer, Encoding& encoding) const {
  if (num_ids != kNone)
    for (const std::int32_t id : encoding.ids) require_id(tokenizer, id);
  if (ignores_types) std::fill(encoding.type_ids.begin(), encoding.type_ids.end(), 0);
  if (num_types == kNone) return;
  for (const std::int32_t type : encoding.type_ids)
    if (type >= num_types)
      throw ModelError("the tokenizer gives tokens of type " + std::to_string(type) +
                       ", but the model has embeddings for " + std::to_string(num_types) +
                       " (type_vocab_size of its "
                       "config.json); use the tokenizer that belongs to it" +
                       (num_types == 1 ? ", or texts that are no pairs" : ""));
}

void EmbeddingLimits::require_id(const Tokenizer& tokenizer, std::int64_t id, const std::string& where) const {
  if (id < num_ids) return;
  const auto token = static_cast<std::int32_t>(id);
  throw DataError(where + "the token " + quote(tokenizer.contains(token) ? tokenizer.token(token) : "") +
                  " has the id " + std::to_string(id) + ", but the model's word embedding has " +
                  std::to_string(num_ids) + " rows; use the tokenizer that belongs to the model's weights");
}

std::vector<std::string> EmbeddingLimits::warnings(const Tokenizer& tokenizer) const {
  std::vector<std::string> warnings = tokenizer.warnings();
  if (num_ids != kNone)
    warnings.push_back("the tokenizer has " + std::to_string(tokenizer.id_bound()) +
                       " ids, but the model's word embedding has " + std::to_string(num_ids) +
                       " rows; a text with a token beyond them is an error");
  return warnings;
}

void EncodedDataset::finish_feature(std::int64_t example_id) {
  for (const auto& [name, column] : columns_) {
    const std::int64_t num_rows = std::visit([](const auto& typed) { return typed.size(); }, column);
    if (num_rows != num_features() + 1)
      throw std::logic_error("column '" + name + "' has " + std::to_string(num_rows) + " rows, expected " +
                             std::to_string(num_features() + 1));
  }
  example_ids_.push_back(example_id);
}

std::vector<std::string> EncodedDataset::column_names() const {
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.first);
  return names;
}

std::vector<std::int64_t> EncodedDataset::lengths(std::string_view column_name) const {
  const Column* column = find(column_name);
  if (column == nullptr) throw std::logic_error("the dataset has no column '" + std::string(column_name) + "'");
  std::vector<std::int64_t> result;
  result.reserve(example_ids_.size());
  for (std::int64_t feature = 0; feature < num_features(); ++feature)
    result.push_back(
        std::visit([&](const auto& typed) { return static_cast<std::int64_t>(typed.row(feature).size()); }, *column));
  return result;
}

const EncodedDataset::Column* EncodedDataset::find(std::string_view name) const {
  for (const auto& [column_name, column] : columns_)
    if (column_name == name) return &column;
  return nullptr;
}

namespace {

std::string_view bytes_of(std::span<const std::int32_t> row) {
  return {reinterpret_cast<const char*>(row.data()), row.size_bytes()};
}

}  // namespace

std::vector<std::int64_t> first_equal_features(const EncodedDataset& dataset) {
  const auto& input_ids = dataset.column<std::int32_t>(kInputIds);
  const auto& type_ids = dataset.column<std::int32_t>(kTokenTypeIds);
  const auto hash = [&](std::int64_t feature) {
    return stable_hash(bytes_of(type_ids.row(feature)), stable_hash(bytes_of(input_ids.row(feature))));
  };
  const auto equal = [&](std::int64_t left, std::int64_t right) {
    return std::ranges::equal(input_ids.row(left), input_ids.row(right)) &&
           std::ranges::equal(type_ids.row(left), type_ids.row(right));
  };
  std::unordered_multimap<std::uint64_t, std::int64_t> seen;
  std::vector<std::int64_t> firsts;
  for (std::int64_t feature = 0; feature < dataset.num_features(); ++feature) {
    const std::uint64_t key = hash(feature);
    const auto [begin, end] = seen.equal_range(key);
    const auto found = std::find_if(begin, end, [&](const auto& entry) { return equal(entry.second, feature); });
    firsts.push_back(found == end ? feature : found->second);
    if (found == end) seen.emplace(key, feature);
  }
  return firsts;
}

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
