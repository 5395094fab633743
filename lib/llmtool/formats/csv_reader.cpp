#include "llmtool/formats/csv_reader.h"

#include <cstring>
#include <utility>

#include "llmtool/formats/split_fields.h"

namespace llmtool {

CsvReader::CsvReader(std::unique_ptr<ByteSource> source, const ReadOptions& options)
    : DelimitedReader(std::move(source), options) {
  read_columns(options.header);
}

std::string CsvReader::advice() const { return "a field that contains commas must stand in quotes"; }

void CsvReader::split(Row& row) {
  const std::string_view text = lines_.text();
  if (std::memchr(text.data(), '"', text.size()) == nullptr)
    split_fields(text, ',', row);
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
      end = std::min(text.find(',', begin), text.size());
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
    if (behind == text.size() || text[behind] == ',') {
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
    lines_.keep_first_line();
    throw BadRow(position, "the quote that opens here is never closed");
  }
}

}  // namespace llmtool
