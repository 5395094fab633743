#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "llmtool/formats/byte_stream.h"
#include "llmtool/formats/row.h"
#include "llmtool/formats/table_layout.h"

namespace llmtool {

// A row that could not be read.
struct RowError {
  std::int64_t line = 0;  // where it starts, from 1
  std::string reason;     // whole message, starting with file:line
  std::string text;       // its bytes as they stand in the file, without the line end
};

struct ReadOptions {
  FileFormat format = FileFormat::kAuto;
  // CSV and TSV: the first row names the columns. Without, they are named "0", "1", … by position.
  bool header = true;
  // Set: bad rows (ragged, broken quotes, invalid UTF-8 or JSON) go here and reading goes on with the next row.
  // Unset: they throw DataError.
  std::function<void(const RowError&)> on_bad_row;
  TableLayout layout = {};
};

// A table read row by row in constant memory. Text must be UTF-8, with or without byte order mark; lines end with LF
// or CRLF. See docs in the implementations: delimited_reader.h, line_row_reader.h.
class RowReader {
 public:
  virtual ~RowReader() = default;
  // The header; for JSONL the keys of the first object (none when all rows are bad); for text the one column "text". No
  // two are equal and none is empty: a column of a CSV or TSV header without a name is "column_3", by its position, the
  // second of the same name "text_2", with a higher number where that name is there already.
  virtual const ColumnNames& columns() const = 0;
  // Whether the header has several columns of this name.
  virtual bool is_repeated(std::string_view /*column*/) const { return false; }
  // What CSV and TSV are cut at.
  virtual std::optional<char> delimiter() const { return std::nullopt; }
  // Reads the next row into `row`, false at the end. Throws DataError with file:line for a bad row (see ReadOptions),
  // for content that is no text (UTF-16, binary), an unreadable header or damaged gzip; ResourceError when reading
  // fails.
  virtual bool next(Row& row) = 0;
  // Name of the file for messages.
  virtual const std::string& name() const = 0;
};

// Opens a table; "-" is standard input, which needs options.format. Reads the header (or first object) at once, so
// that wrong files are found before the first row. Throws DataError (empty file, bad header, unknown extension) and
// ResourceError (missing file, folder).
std::unique_ptr<RowReader> open_rows(const std::string& path, const ReadOptions& options = {});
// The same over any bytes; kAuto goes by the source's name.
std::unique_ptr<RowReader> open_rows(std::unique_ptr<ByteSource> source, const ReadOptions& options = {});

}  // namespace llmtool
