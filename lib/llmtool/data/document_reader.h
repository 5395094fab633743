#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "llmtool/data/language_model_options.h"
#include "llmtool/formats/row_reader.h"
#include "llmtool/formats/table_layout.h"

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

}  // namespace llmtool
