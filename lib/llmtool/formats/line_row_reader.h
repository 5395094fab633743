#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"
#include "llmtool/formats/byte_stream.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool {

// Throws DataError when the first bytes of a file show that it is not UTF-8 text (UTF-16, a zip, mostly NUL bytes),
// saying what it is and how to convert it.
void require_text(std::string_view first_bytes, const std::string& name);

// Lines of a UTF-8 text, read in blocks. A line ends with LF, CRLF or the end of the input. The current text is one
// line, or several after extend(); it is a view that lives until the next call.
class LineSource {
 public:
  // Skips a byte order mark. `longest` is the longest text in bytes. Throws DataError when the input is empty or
  // evidently no UTF-8 text (UTF-16, zip, …).
  LineSource(std::unique_ptr<ByteSource> bytes, std::size_t longest);

  // Lines that come next, line ends included: `count` of them, fewer at the end of the input (`is_whole`) or where they
  // are long. Lives until the next call. Only before next().
  std::string_view first_lines(std::size_t count, bool& is_whole);
  // Moves behind the current text to the next line; false at the end. Throws DataError for one that is too long.
  bool next();
  // Adds the following line to the current text, with the line end between them; false at the end of the input or when
  // the text would be too long.
  bool extend();
  // Whether extend() failed for length.
  bool is_too_long() const { return is_too_long_; }
  std::size_t longest() const { return longest_; }
  // Undoes extend(): the current text is its first line again.
  void keep_first_line();

  // Without the final line end.
  std::string_view text() const;
  // Line on which the current text starts, from 1.
  std::int64_t line() const { return line_; }
  // Byte offset in the (decompressed) input of a place in the current text.
  std::int64_t byte_offset(std::size_t place) const { return base_offset_ + static_cast<std::int64_t>(begin_ + place); }
  // Line and column of a place in the current text.
  SourcePosition position(std::size_t place) const;
  const std::string& name() const { return bytes_->name(); }

 private:
  bool fill();
  bool find_line_end();

  std::unique_ptr<ByteSource> bytes_;
  std::size_t longest_;
  std::vector<char> buffer_;
  std::size_t filled_ = 0;  // bytes in the buffer
  std::size_t begin_ = 0;   // current text, with its line end: [begin_, end_)
  std::size_t end_ = 0;
  std::size_t first_line_end_ = 0;
  std::int64_t base_offset_ = 0;  // offset in the input of buffer_[0]
  std::int64_t line_ = 0;
  std::int64_t num_lines_ = 1;  // in the current text
  bool at_end_ = false;
  bool is_too_long_ = false;
};

// A row that is wrong while the rest of the file can still be read.
class BadRow : public DataError {
 public:
  using DataError::DataError;
};

// What the readers have in common: lines, column names, and what happens to bad rows.
class LineRowReader : public RowReader {
 public:
  const ColumnNames& columns() const override { return *columns_; }
  const std::string& name() const override { return lines_.name(); }
  bool next(Row& row) override;

 protected:
  LineRowReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

  // Reads the row that comes next; false at the end. On BadRow the lines' current text is the row.
  virtual bool read(Row& row) = 0;
  // As next(), before the columns are known: the row is kept and comes again as the first of next().
  bool read_ahead();

  // Throws BadRow when the current text holds invalid UTF-8 or NUL bytes.
  void require_valid_text() const;

  LineSource lines_;
  std::shared_ptr<const ColumnNames> columns_;
  Row first_row_;

 private:
  bool read_or_report(Row& row);

  std::function<void(const RowError&)> on_bad_row_;
  bool has_first_row_ = false;
};

// One text a line, in the column "text"; an empty line is an empty text.
class TextReader : public LineRowReader {
 public:
  TextReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  bool read(Row& row) override;
};

// One JSON object a line; the first names the columns, later ones may have other keys. Blank lines are skipped.
class JsonlReader : public LineRowReader {
 public:
  JsonlReader(std::unique_ptr<ByteSource> source, const ReadOptions& options);

 protected:
  bool read(Row& row) override;

 private:
  std::vector<JsonMember> parse_line() const;
  std::string advice() const;
};

}  // namespace llmtool
