#include "llmtool/data/encode_records.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <thread>

#include "llmtool/core/errors.h"

namespace llmtool {
namespace {

constexpr std::int64_t kRecordsPerChunk = 256;

// The ids of some consecutive records one after another, or the error of the first that failed.
struct Chunk {
  std::vector<std::int32_t> ids;
  std::vector<std::int32_t> type_ids;
  std::vector<std::int64_t> ends;  // [records]
  std::int64_t num_truncated = 0;
  std::int64_t longest = 0;
  std::exception_ptr error;
};

class ChunkEncoder {
 public:
  ChunkEncoder(const std::vector<Record>& records, const std::string& path, const Tokenizer& tokenizer,
               const TokenizerOptions& options)
      : records_(records),
        path_(path),
        tokenizer_(tokenizer),
        options_(options),
        encode_options_(EncodeOptions::from(options)),
        chunks_((records.size() + kRecordsPerChunk - 1) / kRecordsPerChunk) {}

  // Encodes chunks until none is left. Chunks are taken in order, so that those before a failed one are complete.
  template <class AfterChunk>
  void work(const AfterChunk& after_chunk) {
    while (!failed_) {
      const std::size_t index = next_++;
      if (index >= chunks_.size()) return;
      try {
        encode(index);
      } catch (...) {
        chunks_[index].error = std::current_exception();
        failed_ = true;
      }
      after_chunk();
    }
  }

  std::vector<Chunk>& chunks() { return chunks_; }
  std::int64_t num_taken() const {
    return std::min(static_cast<std::int64_t>(next_.load()) * kRecordsPerChunk,
                    static_cast<std::int64_t>(records_.size()));
  }

 private:
  void encode(std::size_t index) {
    Chunk& chunk = chunks_[index];
    Encoding encoding;
    const std::size_t begin = index * kRecordsPerChunk;
    const std::size_t end = std::min(begin + kRecordsPerChunk, records_.size());
    for (std::size_t i = begin; i < end; ++i) {
      encode_record(records_[i], encoding);
      chunk.ids.insert(chunk.ids.end(), encoding.ids.begin(), encoding.ids.end());
      chunk.type_ids.insert(chunk.type_ids.end(), encoding.type_ids.begin(), encoding.type_ids.end());
      chunk.ends.push_back(static_cast<std::int64_t>(chunk.ids.size()));
      chunk.num_truncated += encoding.truncated;
      chunk.longest = std::max(chunk.longest, encoding.num_tokens_before_truncation);
    }
  }

  void encode_record(const Record& record, Encoding& encoding) const {
    const SourcePosition position{path_, record.line, 0};
    const auto pair = record.has_pair ? std::optional<std::string_view>(record.text_pair) : std::nullopt;
    try {
      tokenizer_.encode_into(record.text, pair, encode_options_, encoding);
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
  const EncodeOptions encode_options_;
  std::vector<Chunk> chunks_;
  std::atomic<std::size_t> next_ = 0;
  std::atomic<bool> failed_ = false;
};

void run_threads(ChunkEncoder& encoder, std::int64_t num_threads, const Progress& progress, EventSink& events) {
  const auto num_chunks = static_cast<std::int64_t>(encoder.chunks().size());
  std::vector<std::jthread> threads;  // joined at the end of the scope, also after an exception
  try {
    for (std::int64_t i = 1; i < std::min(num_threads, num_chunks); ++i)
      threads.emplace_back([&encoder] { encoder.work([] {}); });
  } catch (const std::system_error&) {
    // No more threads to be had: those there are do the work.
  }
  // Only the calling thread reports: a sink need not be safe for several.
  encoder.work([&] {
    Progress now = progress;
    now.done = encoder.num_taken();
    events.progress(now);
  });
}

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
                              std::int64_t num_threads, const std::string& what, EventSink& events) {
  if (!label_ids.empty() && label_ids.size() != records.size())
    throw std::invalid_argument("there must be one label per record, or none at all");
  ChunkEncoder encoder(records, path, tokenizer, options);
  const Progress progress{
      .name = what, .total = static_cast<std::int64_t>(records.size()), .unit = "rows", .detail = {}};
  run_threads(encoder, num_threads, progress, events);
  for (const Chunk& chunk : encoder.chunks())
    if (chunk.error) std::rethrow_exception(chunk.error);
  return assemble(encoder.chunks(), label_ids);
}

}  // namespace llmtool
