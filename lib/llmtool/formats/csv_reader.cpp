#include "llmtool/formats/csv_reader.h"

#include <cstring>
#include <utility>

#include "llmtool/formats/split_fields.h"

namespace llmtool {

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

}  // namespace llmtool
