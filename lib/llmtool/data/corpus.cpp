#include "llmtool/data/corpus.h"

#include <algorithm>
#include <bit>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/core/rereadable.h"
#include "llmtool/data/corpus_builder.h"
#include "llmtool/data/corpus_files.h"

namespace llmtool {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "corpus files are little-endian and read in place");

// Raised when tokens or layout of an older version must not be reused.
constexpr const char* kLayout = "llmtool corpus 1";

// Pages of the mapped files are given back after so many bytes.
constexpr std::int64_t kMostResidentBytes = std::int64_t{32} << 20;
// The system maps what surrounds a page that is looked at as well.
constexpr std::int64_t kBytesOfFault = std::int64_t{64} << 10;

std::string hash_of_content(const CorpusRequest& request, const Tokenizer& tokenizer) {
  Json content = {kLayout,
                  tokenizer.content_hash(),
                  enum_name(request.source.unit),
                  enum_name(request.source.format),
                  request.source.header,
                  request.source.column,
                  request.with_sentences};
  for (const std::string& file : request.source.files) content.push_back(sha256_of_file(file));
  return sha256_hex(to_json_text(content));
}

template <class T>
std::span<const T> items(const MappedFile& file) {
  return {reinterpret_cast<const T*>(file.bytes().data()), file.bytes().size() / sizeof(T)};
}

// The counts of corpus.json against the sizes of the files: enough to tell a folder that was cut short or mixed up.
void require_size(const fs::path& directory, const Json& info, const char* key, std::size_t found) {
  if (info.value(key, std::int64_t{-1}) == static_cast<std::int64_t>(found)) return;
  throw DataError("the tokenised text in " + directory.string() + " is damaged (" + key +
                  "); delete this folder and run again");
}

}  // namespace

Corpus::Corpus(const fs::path& directory, std::vector<std::string> files)
    : files_(std::move(files)),
      token_file_(directory / kCorpusTokens),
      entry_file_(directory / kCorpusEntries),
      sentence_file_(directory / kCorpusSentences),
      tokens_(items<std::int32_t>(token_file_)),
      entries_(items<Entry>(entry_file_)),
      sentence_ends_(items<std::int64_t>(sentence_file_)) {
  const Json info = read_json_file((directory / kCorpusInfo).string(), ExitCode::kData);
  require_size(directory, info, "num_tokens", tokens_.size());
  require_size(directory, info, "num_documents", entries_.size());
  require_size(directory, info, "num_sentences", sentence_ends_.size());
  first_documents_ = info.at("first_documents").get<std::vector<std::int64_t>>();
  content_hash_ = info.at("content_hash").get<std::string>();
}

void Corpus::count_read(std::int64_t num_bytes) const {
  if (num_bytes_read_->fetch_add(num_bytes, std::memory_order_relaxed) + num_bytes < kMostResidentBytes) return;
  num_bytes_read_->store(0, std::memory_order_relaxed);
  for (const MappedFile* file : {&token_file_, &entry_file_, &sentence_file_}) file->release_pages();
}

const Corpus::Entry& Corpus::entry(std::int64_t document) const {
  const std::int64_t fault = document * static_cast<std::int64_t>(sizeof(Entry)) / kBytesOfFault;
  if (last_entry_fault_->exchange(fault, std::memory_order_relaxed) != fault) count_read(kBytesOfFault);
  return entries_[static_cast<std::size_t>(document)];
}

std::int64_t Corpus::num_tokens(std::int64_t document) const {
  return entry(document).token_end - token_begin(document);
}

std::span<const std::int32_t> Corpus::tokens(std::int64_t document) const {
  const std::int64_t begin = token_begin(document);
  const std::int64_t size = entry(document).token_end - begin;
  count_read(kBytesOfFault + size * static_cast<std::int64_t>(sizeof(std::int32_t)));
  return tokens_.subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(size));
}

std::vector<std::int64_t> Corpus::sentence_ends(std::int64_t document) const {
  const std::int64_t first = document == 0 ? 0 : entry(document - 1).sentence_end;
  const std::int64_t first_token = token_begin(document);
  std::vector<std::int64_t> ends;
  for (std::int64_t i = first; i < entry(document).sentence_end; ++i)
    ends.push_back(sentence_ends_[static_cast<std::size_t>(i)] - first_token);
  return ends;
}

std::string Corpus::describe(std::int64_t document) const {
  const auto behind = std::upper_bound(first_documents_.begin(), first_documents_.end(), document);
  const auto file = static_cast<std::size_t>(behind - first_documents_.begin()) - 1;
  return files_[file] + ":" + std::to_string(entry(document).line);
}

Corpus open_corpus(const CorpusRequest& request, const Tokenizer& tokenizer, const fs::path& cache,
                   std::int64_t num_threads, EventSink& events) {
  const std::vector<std::string>& files = request.source.files;
  const bool is_reusable = std::all_of(files.begin(), files.end(), can_be_read_again);
  const std::string content_hash = is_reusable ? hash_of_content(request, tokenizer) : "";
  const fs::path directory = cache / (is_reusable ? content_hash.substr(0, 16) : "read_once");
  if (is_reusable && fs::exists(directory / kCorpusInfo)) {
    events.info("text tokenised before is taken from " + directory.string());
  } else {
    require_writable_directory(cache);
    build_corpus(request, tokenizer, content_hash, directory, num_threads, events);
  }
  return Corpus(directory, files);
}

}  // namespace llmtool
