#include "llmtool/formats/row_writer.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <memory>
#include <stdexcept>
#include <utility>
#include <vector>

#include "llmtool/core/atomic_file.h"
#include "llmtool/core/errors.h"
#include "llmtool/formats/byte_stream.h"

namespace llmtool {
namespace {

// What the writers have in common: rows are formatted into a buffer, which goes to the sink in blocks.
class BufferedRowWriter : public RowWriter {
 public:
  BufferedRowWriter(std::unique_ptr<ByteSink> sink, std::string name);
  void write(const RowValues& row) override;
  void flush() override;
  void commit() override;

 protected:
  // Appends the row, with its line end, to `text`. May throw DataError; then nothing of the row is written.
  virtual void format(const RowValues& row, std::string& text) = 0;
  // What stands before the first row.
  void add_header(const std::string& text) { buffer_ += text; }
  // "file: row 12: ", for the row that is being formatted, counted from 1 without the header.
  std::string place() const;

 private:
  void send();

  std::string buffer_;
  std::string row_text_;
  std::unique_ptr<ByteSink> sink_;
  std::string name_;
  std::int64_t row_number_ = 0;
};

constexpr std::size_t kBlockSize = 1 << 16;

BufferedRowWriter::BufferedRowWriter(std::unique_ptr<ByteSink> sink, std::string name)
    : sink_(std::move(sink)), name_(std::move(name)) {}

void BufferedRowWriter::write(const RowValues& row) {
  ++row_number_;
  row_text_.clear();
  format(row, row_text_);
  buffer_ += row_text_;
  if (buffer_.size() >= kBlockSize) send();
}

void BufferedRowWriter::send() {
  sink_->write(buffer_);
  buffer_.clear();
}

void BufferedRowWriter::flush() {
  send();
  sink_->flush();
}

void BufferedRowWriter::commit() {
  send();
  sink_->commit();
}

std::string BufferedRowWriter::place() const {
  if (row_number_ == 0) return name_ + ": header: ";
  return name_ + ": row " + std::to_string(row_number_) + ": ";
}

// What CSV and TSV have in common: the header and the order of the cells.
class DelimitedWriter : public BufferedRowWriter {
 protected:
  DelimitedWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options, char separator);

  void format(const RowValues& row, std::string& text) override;
  // Appends one cell so that the reader of the same format gives it back. Throws DataError when it cannot.
  virtual void append_cell(const std::string& cell, const std::string& column, std::string& text) const = 0;
  // Appends a name of the header in the same way.
  virtual void append_name(const std::string& name, std::string& text) const { append_cell(name, name, text); }
  // Fixes the columns and writes the header. To be called by the constructor of the writer.
  void set_columns(const ColumnNames& columns);
  std::size_t num_columns() const { return columns_.size(); }

 private:
  void require_known_columns(const RowValues& row) const;

  ColumnNames columns_;
  bool header_;
  char separator_;
};

// CSV after RFC 4180, lines ending with LF; quotes only where needed.
class CsvWriter : public DelimitedWriter {
 public:
  CsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options);

 protected:
  void append_cell(const std::string& cell, const std::string& column, std::string& text) const override;
  // Quoted also where a reader might take what is in it for the delimiter.
  void append_name(const std::string& name, std::string& text) const override;
};

// TSV without quoting.
class TsvWriter : public DelimitedWriter {
 public:
  TsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options);

 protected:
  void append_cell(const std::string& cell, const std::string& column, std::string& text) const override;
};

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

void append_quoted(const std::string& cell, std::string& text) {
  text += '"';
  for (const char letter : cell) {
    if (letter == '"') text += '"';
    text += letter;
  }
  text += '"';
}

const RowValue* find_value(const RowValues& row, const std::string& column) {
  for (const auto& [name, value] : row)
    if (name == column) return &value;
  return nullptr;
}

DelimitedWriter::DelimitedWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options,
                                 char separator)
    : BufferedRowWriter(std::move(sink), name), header_(options.header), separator_(separator) {}

void DelimitedWriter::set_columns(const ColumnNames& columns) {
  columns_ = columns;
  if (!header_ || columns_.empty()) return;
  std::string line;
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (column > 0) line += separator_;
    append_name(columns_[column], line);
  }
  add_header(line + '\n');
}

void DelimitedWriter::format(const RowValues& row, std::string& text) {
  if (columns_.empty()) {
    ColumnNames columns;
    for (const auto& entry : row) columns.push_back(entry.first);
    set_columns(columns);
  }
  require_known_columns(row);
  for (std::size_t column = 0; column < columns_.size(); ++column) {
    if (column > 0) text += separator_;
    const bool in_place = column < row.size() && row[column].first == columns_[column];
    const RowValue* value = in_place ? &row[column].second : find_value(row, columns_[column]);
    append_cell(value == nullptr ? "" : value->cell(), columns_[column], text);
  }
  text += '\n';
}

void DelimitedWriter::require_known_columns(const RowValues& row) const {
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string& name = row[i].first;
    if (i < columns_.size() && columns_[i] == name) continue;
    if (std::find(columns_.begin(), columns_.end(), name) == columns_.end())
      throw DataError(place() + "it has the column " + quote(name) +
                      ", which is not among the columns of the table; write JSONL for rows of different columns");
  }
}

CsvWriter::CsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options)
    : DelimitedWriter(std::move(sink), name, options, ',') {
  set_columns(options.columns);
}

void CsvWriter::append_cell(const std::string& cell, const std::string& /*column*/, std::string& text) const {
  // An empty line would be skipped by many readers, a byte order mark at the start of the file by all.
  const bool is_empty_line = cell.empty() && num_columns() == 1;
  if (!is_empty_line && cell.find_first_of("\",\r\n") == std::string::npos && !cell.starts_with(kByteOrderMark)) {
    text += cell;
  } else {
    append_quoted(cell, text);
  }
}

void CsvWriter::append_name(const std::string& name, std::string& text) const {
  if (name.find_first_of(";\t|") == std::string::npos) return append_cell(name, name, text);
  append_quoted(name, text);
}

TsvWriter::TsvWriter(std::unique_ptr<ByteSink> sink, const std::string& name, const WriteOptions& options)
    : DelimitedWriter(std::move(sink), name, options, '\t') {
  set_columns(options.columns);
}

void TsvWriter::append_cell(const std::string& cell, const std::string& column, std::string& text) const {
  if (cell.find_first_of("\t\r\n") != std::string::npos)
    throw DataError(place() + "the value of the column " + quote(column) +
                    " contains a tab or line break, which TSV cannot hold; write csv or jsonl");
  text += cell;
}

class JsonlWriter : public BufferedRowWriter {
 public:
  using BufferedRowWriter::BufferedRowWriter;

 protected:
  void format(const RowValues& row, std::string& text) override {
    text += '{';
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += ',';
      text += to_json_text(Json(row[i].first)) + ':';
      row[i].second.append_json(text);
    }
    text += "}\n";
  }
};

// One value a line.
class TextWriter : public BufferedRowWriter {
 public:
  using BufferedRowWriter::BufferedRowWriter;

 protected:
  void format(const RowValues& row, std::string& text) override {
    if (row.size() != 1)
      throw DataError(place() + "it has " + std::to_string(row.size()) +
                      " columns, but a text file holds one; write csv, tsv or jsonl");
    const std::string cell = row[0].second.cell();
    if (cell.find_first_of("\r\n") != std::string::npos)
      throw DataError(place() + "the text contains a line break; write csv or jsonl");
    text += cell + '\n';
  }
};

std::unique_ptr<RowWriter> make_writer(std::unique_ptr<ByteSink> sink, const std::string& name, FileFormat format,
                                       const WriteOptions& options) {
  switch (format) {
    case FileFormat::kCsv:
      return std::make_unique<CsvWriter>(std::move(sink), name, options);
    case FileFormat::kTsv:
      return std::make_unique<TsvWriter>(std::move(sink), name, options);
    case FileFormat::kJsonl:
      return std::make_unique<JsonlWriter>(std::move(sink), name);
    case FileFormat::kText:
      return std::make_unique<TextWriter>(std::move(sink), name);
    case FileFormat::kConll:
      throw DataError(name + ": rows are not written as CoNLL columns; use csv, tsv, jsonl or text");
    case FileFormat::kSquad:
      throw DataError(name + ": the JSON of SQuAD is read only; write jsonl, csv or tsv");
    case FileFormat::kAuto:
      break;
  }
  throw std::invalid_argument("a stream needs a format");
}

}  // namespace

void RowValue::append_json(std::string& text) const { text += json_text_.empty() ? to_json_text(json_) : json_text_; }

std::string RowValue::cell() const {
  if (!json_text_.empty()) return json_text_;
  if (json_.is_string()) return json_.get<std::string>();
  return json_.is_null() ? "" : to_json_text(json_);
}

std::unique_ptr<RowWriter> create_rows(const std::string& path, const WriteOptions& options) {
  const FileFormat format = resolve_file_format(path, options.format);
  return make_writer(create_bytes(path), path, format, options);
}

std::unique_ptr<RowWriter> create_rows(std::FILE* stream, const std::string& name, const WriteOptions& options) {
  return make_writer(bytes_to_stream(stream, name), name, options.format, options);
}

namespace {

struct CloseFile {
  void operator()(std::FILE* stream) const { std::fclose(stream); }
};
using ScratchFile = std::unique_ptr<std::FILE, CloseFile>;

// numpy.lib.format: magic, version, length of the header, the header as a Python literal padded to 64 bytes.
std::string npy_header(std::int64_t num_rows, std::int64_t width) {
  std::string text = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(num_rows) + ", " +
                     std::to_string(width) + "), }";
  constexpr std::size_t kPreamble = 10;
  text.append(63 - (kPreamble + text.size()) % 64, ' ');
  text += '\n';
  const auto size = static_cast<std::uint16_t>(text.size());
  return std::string("\x93NUMPY\x01\x00", 8) + static_cast<char>(size & 0xff) + static_cast<char>(size >> 8) + text;
}

// The number of rows stands before them, so they wait in a file without a name until it is known.
class NpyRows : public RowWriter {
 public:
  NpyRows(const std::string& path, std::string column)
      : path_(path), file_(path), column_(std::move(column)), rows_(std::tmpfile()) {
    if (!rows_) fail("cannot create a temporary file");
  }

  void write(const RowValues& row) override {
    const auto found = std::find_if(row.begin(), row.end(), [&](const auto& value) { return value.first == column_; });
    if (found == row.end()) throw DataError(path_ + ": a row without " + quote(column_));
    const auto numbers = found->second.json().get<std::vector<float>>();
    if (num_rows_ == 0) width_ = numbers.size();
    if (numbers.size() != width_)
      throw DataError(path_ + ": row " + std::to_string(num_rows_ + 1) + " has " + std::to_string(numbers.size()) +
                      " numbers, the first has " + std::to_string(width_));
    if (std::fwrite(numbers.data(), sizeof(float), width_, rows_.get()) != width_) fail("cannot write");
    ++num_rows_;
  }

  void flush() override {}

  void commit() override {
    file_.write(npy_header(num_rows_, static_cast<std::int64_t>(width_)));
    std::rewind(rows_.get());
    std::vector<char> buffer(std::size_t{1} << 16);
    while (const std::size_t size = std::fread(buffer.data(), 1, buffer.size(), rows_.get()))
      file_.write(buffer.data(), size);
    if (std::ferror(rows_.get()) != 0) fail("cannot read back what was written");
    file_.commit();
  }

 private:
  [[noreturn]] void fail(const std::string& what) const {
    throw ResourceError(path_ + ": " + what + ": " + std::strerror(errno));
  }

  std::string path_;
  AtomicFile file_;
  std::string column_;
  ScratchFile rows_;
  std::size_t width_ = 0;
  std::int64_t num_rows_ = 0;
};

}  // namespace

std::unique_ptr<RowWriter> create_npy_rows(const std::string& path, const std::string& column) {
  return std::make_unique<NpyRows>(path, column);
}

}  // namespace llmtool
