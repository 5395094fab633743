#include "llmtool/data/corpus.h"

#include <glob.h>

#include <algorithm>
#include <array>
#include <bit>
#include <filesystem>
#include <optional>
#include <system_error>
#include <utility>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/core/file_system.h"
#include "llmtool/core/hashing.h"
#include "llmtool/core/json.h"
#include "llmtool/core/parallel.h"
#include "llmtool/data/records.h"

namespace llmtool {

DocumentReader::DocumentReader(const DocumentSource& source) : source_(source) {}

bool DocumentReader::next(Document& document) {
  while (rows_ || open_next_file()) {
    document.clear();
    document.file = num_opened_ - 1;
    if (has_lines_ ? read_line_document(document) : read_row_document(document)) return true;
    rows_.reset();
  }
  return false;
}

bool DocumentReader::open_next_file() {
  if (num_opened_ == source_.files.size()) return false;
  const std::string& file = source_.files[num_opened_++];
  has_lines_ = resolve_file_format(file, source_.format) == FileFormat::kText;
  rows_ =
      open_rows(file, {.format = source_.format, .header = source_.header, .on_bad_row = {}, .layout = source_.layout});
  column_ = has_lines_ ? 0 : column_index(*rows_, source_.column, "text");
  return true;
}

bool DocumentReader::next_row() { return rows_->next(row_); }

std::string_view DocumentReader::text_of_row() const {
  const SourcePosition position{rows_->name(), row_.line(), 0};
  if (!row_.has(column_)) throw DataError(position, "the text " + quote(source_.column) + " is missing or null");
  if (row_.kind(column_) != JsonKind::kString)
    throw DataError(position,
                    "the text " + quote(source_.column) + " is " + describe(row_.kind(column_)) + ", not a string");
  return row_.cell(column_);
}

bool DocumentReader::read_row_document(Document& document) {
  while (next_row()) {
    document.clear();
    append_line(text_of_row(), document);
    if (!is_blank(document.text)) return true;
    ++num_blank_;
  }
  return false;
}

bool DocumentReader::read_line_document(Document& document) {
  while (next_row()) {
    const std::string_view line = row_.cell(0);
    if (source_.unit == DocumentUnit::kLine) {
      append_line(line, document);
      if (!is_blank(line)) return true;
      ++num_blank_;
      document.clear();
    } else if (source_.unit == DocumentUnit::kFile || !is_blank(line)) {
      append_line(line, document);
    } else if (document.line > 0) {
      return true;
    }
  }
  if (document.line == 0) return false;
  if (!is_blank(document.text)) return true;
  ++num_blank_;  // a whole file
  return false;
}

void DocumentReader::append_line(std::string_view line, Document& document) const {
  if (document.line == 0) {
    document.line = row_.line();
  } else {
    document.text += '\n';
  }
  document.text += line;
  if (document.text.size() > kLongestDocument)
    throw DataError(SourcePosition{rows_->name(), document.line, 0},
                    "the document that starts here is longer than " + std::to_string(kLongestDocument >> 20) +
                        " MiB; split it" +
                        (source_.unit == DocumentUnit::kLine ? "" : ", or let data.document be line"));
}

std::vector<std::string> expand_file_patterns(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    if (path_exists(pattern)) {  // also of a name such as "a[1].txt"
      files.push_back(pattern);
      continue;
    }
    glob_t matches{};
    const int outcome = glob(pattern.c_str(), 0, nullptr, &matches);
    for (std::size_t i = 0; outcome == 0 && i < matches.gl_pathc; ++i) files.emplace_back(matches.gl_pathv[i]);
    globfree(&matches);
    if (outcome == 0) continue;
    if (pattern.find_first_of("*?[") != std::string::npos) throw DataError("no file matches " + quote(pattern));
    files.push_back(pattern);  // opening it will say what is wrong
  }
  return files;
}

namespace {

// The files of a corpus folder.
inline constexpr const char* kCorpusTokens = "tokens.bin";        // int32 little-endian
inline constexpr const char* kCorpusEntries = "documents.bin";    // Corpus::Entry
inline constexpr const char* kCorpusSentences = "sentences.bin";  // int64, ends in tokens.bin; empty without sentences
inline constexpr std::array kCorpusDataFiles{kCorpusTokens, kCorpusEntries, kCorpusSentences};
inline constexpr const char* kCorpusInfo = "corpus.json";  // counts, and the SHA-256 of the others

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

// Tokenises the documents of `request` into the folder `directory`, which appears whole or not at all, in memory that
// does not depend on their number. Throws as open_corpus().
void build_corpus(const CorpusRequest& request, const Tokenizer& tokenizer, const fs::path& directory,
                  std::int64_t num_threads, EventSink& events) {
  write_directory_atomically(directory, [&](const fs::path& temporary) {
    Json info = CorpusBuilder(request, tokenizer, temporary, num_threads, events).build();
    for (const char* name : kCorpusDataFiles) info["sha256"][name] = sha256_of_file((temporary / name).string());
    write_file_atomically(temporary / kCorpusInfo, to_json_text(info, 2) + "\n");
  });
}

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little, "corpus files are little-endian and read in place");

// Raised when tokens or layout of an older version must not be reused.
constexpr const char* kLayout = "llmtool corpus 2";

// Pages of the mapped files are given back after so many bytes.
constexpr std::int64_t kMostResidentBytes = std::int64_t{32} << 20;
// The system maps what surrounds a page that is looked at as well.
constexpr std::int64_t kBytesOfFault = std::int64_t{64} << 10;

std::string hash_of_files(const std::vector<std::string>& files) {
  if (files.size() == 1) return sha256_of_file(files.front());
  Json hashes = Json::array();
  for (const std::string& file : files) hashes.push_back(sha256_of_file(file));
  return sha256_hex(to_json_text(hashes));
}

// Of all that the tokens depend on.
std::string hash_of_content(const CorpusRequest& request, const Tokenizer& tokenizer, const std::string& files_hash) {
  Json content = {kLayout,
                  tokenizer.content_hash(),
                  enum_name(request.source.unit),
                  enum_name(request.source.format),
                  request.source.header,
                  request.source.column,
                  request.with_sentences,
                  files_hash};
  // Only what is not the default, so that what was tokenised before there was a choice is found.
  if (request.source.layout.delimiter != Delimiter::kAuto)
    content.push_back(enum_name(request.source.layout.delimiter));
  return sha256_hex(to_json_text(content));
}

template <class T>
std::span<const T> items(const MappedFile& file) {
  return {reinterpret_cast<const T*>(file.bytes().data()), file.bytes().size() / sizeof(T)};
}

constexpr std::size_t kNameLength = 16;
constexpr std::string_view kReadOnceName = "read_once";

// Only what was made here is replaced.
void require_own_folder(const fs::path& directory) {
  const auto fail = [&](const std::string& what) {
    throw ResourceError(directory.string() + " " + what +
                        ", so no tokenised text takes its place; move it away, or choose another data.cache");
  };
  if (!name_exists(directory)) return;
  if (!is_folder(directory)) fail("is no folder");
  for (const std::string& name : names_in_folder(directory))
    if (name != kCorpusInfo &&
        std::find(kCorpusDataFiles.begin(), kCorpusDataFiles.end(), name) == kCorpusDataFiles.end())
      fail("holds files that llmtool did not write (" + name + ")");
}

// What is wrong with a folder made before; nothing when it is whole.
std::optional<std::string> find_damage(const fs::path& directory) {
  try {
    const Json info = read_json_file((directory / kCorpusInfo).string(), ExitCode::kData);
    info.at("first_documents").get<std::vector<std::int64_t>>();
    for (const char* name : kCorpusDataFiles)
      if (sha256_of_file((directory / name).string()) != info.at("sha256").at(name).get<std::string>())
        return std::string(name) + " has changed";
  } catch (const std::exception& error) {  // of reading files, or of JSON that is none of ours
    return error.what();
  }
  return std::nullopt;
}

// Whether the folder holds the tokens; one that is damaged is told and made anew.
bool holds_corpus(const fs::path& directory, EventSink& events) {
  if (!path_exists(directory / kCorpusInfo)) return false;
  const auto damage = find_damage(directory);
  if (damage)
    events.warning("the tokenised text in " + directory.string() + " is damaged (" + *damage +
                   "); the text is tokenised anew");
  return !damage;
}

}  // namespace

Corpus::Corpus(const fs::path& directory, std::vector<std::string> files, std::string files_hash)
    : files_(std::move(files)),
      files_hash_(std::move(files_hash)),
      token_file_(directory / kCorpusTokens),
      entry_file_(directory / kCorpusEntries),
      sentence_file_(directory / kCorpusSentences),
      tokens_(items<std::int32_t>(token_file_)),
      entries_(items<Entry>(entry_file_)),
      sentence_ends_(items<std::int64_t>(sentence_file_)) {
  const Json info = read_json_file((directory / kCorpusInfo).string(), ExitCode::kData);
  first_documents_ = info.at("first_documents").get<std::vector<std::int64_t>>();
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

bool is_corpus_name(std::string_view name) {
  return name == kReadOnceName ||
         (name.size() == kNameLength && name.find_first_not_of("0123456789abcdef") == std::string_view::npos);
}

Corpus open_corpus(const CorpusRequest& request, const Tokenizer& tokenizer, const fs::path& cache,
                   std::int64_t num_threads, EventSink& events) {
  const std::vector<std::string>& files = request.source.files;
  const bool is_reusable = std::all_of(files.begin(), files.end(), can_be_read_again);
  const std::string files_hash = is_reusable ? hash_of_files(files) : "";
  const fs::path directory =
      cache / (is_reusable ? hash_of_content(request, tokenizer, files_hash).substr(0, kNameLength)
                           : std::string(kReadOnceName));
  if (is_reusable && holds_corpus(directory, events)) {
    events.info("text tokenised before is taken from " + directory.string());
  } else {
    require_own_folder(directory);
    require_writable_directory(cache);
    remove_abandoned_temporaries(cache);
    build_corpus(request, tokenizer, directory, num_threads, events);
  }
  return Corpus(directory, files, files_hash);
}

}  // namespace llmtool
