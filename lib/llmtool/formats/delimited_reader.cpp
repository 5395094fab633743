#include "llmtool/formats/delimited_reader.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <utility>

namespace llmtool {
namespace {

// Carriage returns between quotes belong to a name.
void require_line_feeds(std::string_view header, const SourcePosition& position) {
  if (header.find('\r') != std::string_view::npos && header.find('"') == std::string_view::npos)
    throw DataError(position,
                    "the header contains carriage returns; if the file has old Mac line ends, convert it: "
                    "tr '\\r' '\\n'");
}

// Every column gets a name of its own, so that all of them can pass through.
ColumnNames distinct_names(const ColumnNames& header) {
  std::unordered_set<std::string> taken(header.begin(), header.end());
  std::unordered_map<std::string, std::size_t> num_seen;
  ColumnNames names;
  for (const std::string& name : header) {
    std::size_t number = name.empty() ? names.size() + 1 : ++num_seen[name];
    std::string made = name;
    if (name.empty() || number > 1) {
      do {
        made = (name.empty() ? "column" : name) + "_" + std::to_string(number++);
      } while (!taken.insert(made).second);
    }
    names.push_back(std::move(made));
  }
  return names;
}

// Adds the parts of `text` between separators to the row.
void split_fields(std::string_view text, char separator, Row& row) {
  for (;;) {
    const std::size_t end = std::min(text.find(separator), text.size());
    row.add_cell(text.substr(0, end));
    if (end == text.size()) return;
    text.remove_prefix(end + 1);
  }
}

}  // namespace

void DelimitedReader::read_columns(bool header) {
  has_header_ = header;
  if (header) return read_header();
  if (!read_ahead()) throw DataError(name() + ": the file has no rows that can be read");
  auto names = std::make_shared<ColumnNames>();
  for (std::size_t column = 0; column < first_row_.num_cells(); ++column) names->push_back(std::to_string(column));
  columns_ = names;
  first_row_.set_columns(columns_);
}

void DelimitedReader::read_header() {
  lines_.next();
  Row header;
  split(header);
  require_valid_text();
  require_line_feeds(lines_.text(), {name(), lines_.line()});
  for (std::size_t column = 0; column < header.num_cells(); ++column) header_.emplace_back(header.cell(column));
  if (std::all_of(header_.begin(), header_.end(), [](const std::string& column) { return column.empty(); }))
    throw DataError({name(), lines_.line()},
                    "the header names no column; without a header set data.header: false "
                    "(--no-header)");
  columns_ = std::make_shared<const ColumnNames>(distinct_names(header_));
}

bool DelimitedReader::is_repeated(std::string_view column) const {
  return std::count(header_.begin(), header_.end(), column) > 1;
}

bool DelimitedReader::read(Row& row) {
  do {
    if (!lines_.next()) return false;
  } while (columns_ && columns_->size() > 1 && lines_.text().empty());
  row.start(lines_.line(), columns_);
  split(row);
  require_valid_text();
  if (columns_) require_same_size(row);
  return true;
}

void DelimitedReader::require_same_size(const Row& row) const {
  if (row.num_cells() == columns_->size()) return;
  const std::string fields = std::to_string(row.num_cells()) + (row.num_cells() == 1 ? " field" : " fields");
  throw BadRow({name(), row.line()}, "the row has " + fields + ", but the " + (has_header_ ? "header" : "first row") +
                                         " has " + std::to_string(columns_->size()) + "; " + advice());
}

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : DelimitedReader(std::move(source), options), delimiter_(find_delimiter(options)) {
  read_columns(options.header);
}

char CsvReader::find_delimiter(const ReadOptions& options) {
  if (options.layout.delimiter != Delimiter::kAuto) return delimiter_character(options.layout.delimiter);
  bool is_whole = false;
  const auto told = options.header ? delimiter_of_header(lines_.first_lines(1, is_whole)) : std::nullopt;
  if (told == ',') return *told;
  // Another one must stand in the first row, too: names of columns may have anything in them.
  if (told && is_table_header(lines_.first_lines(2, is_whole), *told)) return *told;
  const std::string_view lines = lines_.first_lines(kDelimiterSampleLines, is_whole);
  return guess_delimiter(lines, options.header, is_whole);
}

std::string CsvReader::advice() const {
  return "a field that contains " +
         std::string(delimiter_ == ','    ? "commas"
                     : delimiter_ == '\t' ? "tabs"
                                          : describe_delimiter(delimiter_)) +
         " must stand in quotes";
}

void CsvReader::split(Row& row) {
  const std::string_view text = lines_.text();
  if (std::memchr(text.data(), '"', text.size()) == nullptr)
    split_fields(text, delimiter_, row);
  else
    split_quoted(row);
}

void CsvReader::split_quoted(Row& row) {
  std::size_t begin = 0;
  for (;;) {
    std::string_view text = lines_.text();
    std::size_t end = 0;
    if (begin < text.size() && text[begin] == '"') {
      end = add_quoted_field(row, begin);
      text = lines_.text();
    } else {
      end = std::min(text.find(delimiter_, begin), text.size());
      row.add_cell(text.substr(begin, end - begin));
    }
    if (end == text.size()) return;
    begin = end + 1;
  }
}

// Adds the field whose opening quote stands at `begin`; returns the place behind its closing quote.
std::size_t CsvReader::add_quoted_field(Row& row, std::size_t begin) {
  field_.clear();
  std::size_t piece = begin + 1;
  for (;;) {
    const std::size_t closing_quote = find_quote(piece, begin);
    const std::string_view text = lines_.text();
    field_.append(text.substr(piece, closing_quote - piece));
    const std::size_t behind = closing_quote + 1;
    if (behind == text.size() || text[behind] == delimiter_) {
      row.add_cell(field_);
      return behind;
    }
    if (text[behind] != '"') {
      const SourcePosition position = lines_.position(behind);
      lines_.keep_first_line();
      throw BadRow(position, "text follows a closing quote; a quote inside a quoted field is written twice (\"\")");
    }
    field_ += '"';
    piece = behind + 1;
  }
}

// Place of the next quote, in this line or a later one.
std::size_t CsvReader::find_quote(std::size_t begin, std::size_t opening_quote) {
  for (;;) {
    const std::string_view text = lines_.text();
    if (begin <= text.size()) {
      const std::size_t found = text.find('"', begin);
      if (found != std::string_view::npos) return found;
      begin = text.size();
    }
    if (lines_.extend()) continue;
    const SourcePosition position = lines_.position(opening_quote);
    const std::string within = lines_.is_too_long() ? "not closed within " + std::to_string(lines_.longest() >> 20) +
                                                          " MiB (data.max_row_mib, --max-row-mib)"
                                                    : "never closed";
    lines_.keep_first_line();
    throw BadRow(position, "the quote that opens here is " + within);
  }
}

TsvReader::TsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : DelimitedReader(std::move(source), options) {
  const Delimiter delimiter = options.layout.delimiter;
  if (delimiter != Delimiter::kAuto && delimiter != Delimiter::kTab)
    throw DataError(name() + ": the format tsv has tabs between fields, but the delimiter asked for is " +
                    describe_delimiter(delimiter_character(delimiter)) + "; with another one the format is csv");
  read_columns(options.header);
}

void TsvReader::split(Row& row) { split_fields(lines_.text(), '\t', row); }

std::string TsvReader::advice() const { return "a field cannot contain tabs (use csv or jsonl for such texts)"; }

}  // namespace llmtool
