#include "llmtool/data/corpus_builder.h"

#include <algorithm>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/parallel.h"
#include "llmtool/data/corpus_files.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

// Text that is tokenised at once: enough for every thread to have work, little beside the memory of a process.
constexpr std::size_t kBatchBytes = std::size_t{2} << 20;
constexpr std::size_t kPartBytes = std::size_t{64} << 10;

struct EncodedDocument {
  std::vector<std::int32_t> ids;
  std::vector<std::int64_t> sentence_ends;
};

void append_ids(const Tokenizer& tokenizer, std::string_view text, Encoding& encoding, EncodedDocument& result) {
  tokenizer.encode_into(text, std::nullopt, {.add_special_tokens = false}, encoding);
  result.ids.insert(result.ids.end(), encoding.ids.begin(), encoding.ids.end());
}

EncodedDocument encode_document(const Tokenizer& tokenizer, const std::string& text, bool with_sentences,
                                Encoding& encoding) {
  EncodedDocument result;
  if (!with_sentences) {
    append_ids(tokenizer, text, encoding, result);
    return result;
  }
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::size_t before = result.ids.size();
    append_ids(tokenizer, std::string_view(text).substr(begin, end - begin), encoding, result);
    if (result.ids.size() > before) result.sentence_ends.push_back(static_cast<std::int64_t>(result.ids.size()));
    begin = end + 1;
  }
  return result;
}

// Documents read together, and where the parts begin that one thread encodes at a time.
struct Batch {
  std::vector<Document> documents;
  std::vector<std::size_t> part_begins;
  std::size_t num_bytes = 0;

  void add(Document document) {
    if (part_begins.empty() || part_bytes_ >= kPartBytes) {
      part_begins.push_back(documents.size());
      part_bytes_ = 0;
    }
    part_bytes_ += document.text.size();
    num_bytes += document.text.size();
    documents.push_back(std::move(document));
  }
  std::size_t part_end(std::size_t part) const {
    return part + 1 < part_begins.size() ? part_begins[part + 1] : documents.size();
  }

 private:
  std::size_t part_bytes_ = 0;
};

class CorpusBuilder {
 public:
  CorpusBuilder(const CorpusRequest& request, const Tokenizer& tokenizer, const fs::path& directory,
                std::int64_t num_threads, EventSink& events)
      : request_(request),
        tokenizer_(tokenizer),
        num_threads_(num_threads),
        events_(events),
        token_file_(directory / kCorpusTokens),
        entry_file_(directory / kCorpusEntries),
        sentence_file_(directory / kCorpusSentences) {}

  // Returns the content of corpus.json, less the hashes.
  Json build() {
    DocumentReader reader(request_.source);
    while (true) {
      const Batch batch = read_batch(reader);
      if (batch.documents.empty()) break;
      encode(batch);
    }
    if (num_documents_ == 0) throw DataError(request_.source.files.front() + ": there is no text in it");
    token_file_.commit();
    entry_file_.commit();
    sentence_file_.commit();
    return {{"num_documents", num_documents_},    {"num_tokens", num_tokens_},
            {"num_sentences", num_sentences_},    {"num_bytes", num_bytes_},
            {"num_blank", reader.num_blank()},    {"files", request_.source.files},
            {"first_documents", first_documents_}};
  }

 private:
  static Batch read_batch(DocumentReader& reader) {
    Batch batch;
    Document document;
    while (batch.num_bytes < kBatchBytes && reader.next(document)) batch.add(std::move(document));
    return batch;
  }

  void encode(const Batch& batch) {
    std::vector<EncodedDocument> encoded(batch.documents.size());
    parallel_for(static_cast<std::int64_t>(batch.part_begins.size()), num_threads_, [&](std::int64_t index) {
      const auto part = static_cast<std::size_t>(index);
      Encoding encoding;
      for (std::size_t i = batch.part_begins[part]; i < batch.part_end(part); ++i)
        encoded[i] = encode_document(batch.documents[i], encoding);
    });
    for (std::size_t i = 0; i < encoded.size(); ++i) write(batch.documents[i], encoded[i]);
    events_.progress({.name = "tokenizing", .done = num_bytes_ >> 20, .total = 0, .unit = "MiB", .detail = {}});
  }

  EncodedDocument encode_document(const Document& document, Encoding& encoding) const {
    try {
      return llmtool::encode_document(tokenizer_, document.text, request_.with_sentences, encoding);
    } catch (const DataError& error) {
      throw DataError(SourcePosition{request_.source.files[document.file], document.line, 0}, error.what());
    }
  }

  void write(const Document& document, EncodedDocument& encoded) {
    while (first_documents_.size() <= document.file) first_documents_.push_back(num_documents_);
    token_file_.write(encoded.ids.data(), encoded.ids.size() * sizeof(std::int32_t));
    for (std::int64_t& end : encoded.sentence_ends) end += num_tokens_;
    sentence_file_.write(encoded.sentence_ends.data(), encoded.sentence_ends.size() * sizeof(std::int64_t));
    num_tokens_ += static_cast<std::int64_t>(encoded.ids.size());
    num_sentences_ += static_cast<std::int64_t>(encoded.sentence_ends.size());
    num_bytes_ += static_cast<std::int64_t>(document.text.size());
    ++num_documents_;
    const Corpus::Entry entry{num_tokens_, num_sentences_, static_cast<std::int64_t>(document.text.size()),
                              document.line, stable_hash(document.text)};
    entry_file_.write(&entry, sizeof(entry));
  }

  const CorpusRequest& request_;
  const Tokenizer& tokenizer_;
  std::int64_t num_threads_;
  EventSink& events_;
  AtomicFile token_file_;
  AtomicFile entry_file_;
  AtomicFile sentence_file_;
  std::vector<std::int64_t> first_documents_;
  std::int64_t num_documents_ = 0;
  std::int64_t num_tokens_ = 0;
  std::int64_t num_sentences_ = 0;
  std::int64_t num_bytes_ = 0;
};

}  // namespace

void build_corpus(const CorpusRequest& request, const Tokenizer& tokenizer, const fs::path& directory,
                  std::int64_t num_threads, EventSink& events) {
  write_directory_atomically(directory, [&](const fs::path& temporary) {
    Json info = CorpusBuilder(request, tokenizer, temporary, num_threads, events).build();
    for (const char* name : kCorpusDataFiles) info["sha256"][name] = sha256_of_file((temporary / name).string());
    write_file_atomically(temporary / kCorpusInfo, to_json_text(info, 2) + "\n");
  });
}

}  // namespace llmtool
