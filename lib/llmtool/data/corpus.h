#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/events.h"
#include "llmtool/core/file_system.h"
#include "llmtool/data/options.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/table_layout.h"
#include "llmtool/tokenizer/tokenizer.h"

namespace llmtool {

// A piece of text that belongs together.
struct Document {
  std::size_t file = 0;   // index of the file it is from
  std::int64_t line = 0;  // where it starts, from 1
  std::string text;       // its lines, with "\n" between them; not blank

  void clear() {
    line = 0;
    text.clear();
  }
};

struct DocumentSource {
  std::vector<std::string> files;
  FileFormat format = FileFormat::kAuto;
  bool header = true;           // of CSV and TSV
  std::string column = "text";  // of CSV, TSV and JSONL
  DocumentUnit unit = DocumentUnit::kLine;
  TableLayout layout = {};
};

// Longest document in bytes: a longer one is no document but a whole collection, and would cost memory in proportion.
inline constexpr std::size_t kLongestDocument = std::size_t{8} << 20;

// Documents of several files in order, read in constant memory. Blank documents are skipped and counted. Throws
// DataError with file and line (a column that does not exist, a text that is no string, a document over
// kLongestDocument, what open_rows throws), ResourceError.
class DocumentReader {
 public:
  // Keeps a reference to `source`.
  explicit DocumentReader(const DocumentSource& source);
  explicit DocumentReader(DocumentSource&&) = delete;

  // False at the end. A document does not go beyond its file.
  bool next(Document& document);
  std::int64_t num_blank() const { return num_blank_; }

 private:
  bool open_next_file();
  bool next_row();
  std::string_view text_of_row() const;
  bool read_row_document(Document& document);
  bool read_line_document(Document& document);
  void append_line(std::string_view line, Document& document) const;

  const DocumentSource& source_;
  std::size_t num_opened_ = 0;
  bool has_lines_ = false;  // the open file is plain text
  std::unique_ptr<RowReader> rows_;
  std::size_t column_ = 0;
  Row row_;
  std::int64_t num_blank_ = 0;
};

// Files that the patterns name (`*`, `?` and `[…]` are wildcards), each pattern's in sorted order. Throws DataError for
// a pattern that names no file.
std::vector<std::string> expand_file_patterns(const std::vector<std::string>& patterns);

// What a corpus is made of.
struct CorpusRequest {
  DocumentSource source;
  // Lines are tokenised one by one and their ends kept, for objectives over sentences.
  bool with_sentences = false;
};

// Documents as token ids without special tokens, in files that are read through a mapping, so that a corpus may be
// larger than memory. Layout of the folder: docs/formats.md. Immutable.
class Corpus {
 public:
  // A row of documents.bin.
  struct Entry {
    std::int64_t token_end;     // in tokens.bin, behind its last token
    std::int64_t sentence_end;  // in sentences.bin, likewise; 0 without sentences
    std::int64_t num_bytes;     // of its text
    std::int64_t line;
    std::uint64_t text_hash;  // stable_hash of its text
  };

  std::int64_t num_documents() const { return static_cast<std::int64_t>(entries_.size()); }
  std::int64_t num_tokens() const { return static_cast<std::int64_t>(tokens_.size()); }
  bool has_sentences() const { return !sentence_ends_.empty(); }

  std::span<const std::int32_t> tokens(std::int64_t document) const;
  std::int64_t num_tokens(std::int64_t document) const;
  // Ends of the document's sentences, counted in its own tokens.
  std::vector<std::int64_t> sentence_ends(std::int64_t document) const;
  std::int64_t num_bytes(std::int64_t document) const { return entry(document).num_bytes; }
  std::uint64_t text_hash(std::int64_t document) const { return entry(document).text_hash; }
  // "corpus.txt:18", for messages.
  std::string describe(std::int64_t document) const;
  // SHA-256 of the file, of several over their hashes; "" where one can be read only once.
  const std::string& files_hash() const { return files_hash_; }

 private:
  friend Corpus open_corpus(const CorpusRequest&, const Tokenizer&, const std::filesystem::path&, std::int64_t,
                            EventSink&);
  Corpus(const std::filesystem::path& directory, std::vector<std::string> files, std::string files_hash);

  const Entry& entry(std::int64_t document) const;
  std::int64_t token_begin(std::int64_t document) const { return document == 0 ? 0 : entry(document - 1).token_end; }
  // What is read through a mapping counts as memory of the process until it is given back.
  void count_read(std::int64_t num_bytes) const;

  std::vector<std::string> files_;
  std::vector<std::int64_t> first_documents_;  // [files]
  std::string files_hash_;
  MappedFile token_file_;
  MappedFile entry_file_;
  MappedFile sentence_file_;
  std::span<const std::int32_t> tokens_;
  std::span<const Entry> entries_;
  std::span<const std::int64_t> sentence_ends_;
  std::unique_ptr<std::atomic<std::int64_t>> num_bytes_read_ = std::make_unique<std::atomic<std::int64_t>>(0);
  std::unique_ptr<std::atomic<std::int64_t>> last_entry_fault_ = std::make_unique<std::atomic<std::int64_t>>(-1);
};

// Whether open_corpus may have made a folder of this name in its cache.
bool is_corpus_name(std::string_view name);

// The corpus of these files under this tokenizer: taken from the `cache` folder when it was made before from the same
// content and is whole, otherwise tokenised into it on `num_threads` threads (the result does not depend on their
// number). Throws DataError for bad text and for files without any document, ResourceError also where something else
// has the name of its folder.
Corpus open_corpus(const CorpusRequest& request, const Tokenizer& tokenizer, const std::filesystem::path& cache,
                   std::int64_t num_threads, EventSink& events);

}  // namespace llmtool
