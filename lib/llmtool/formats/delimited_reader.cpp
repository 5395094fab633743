#include "llmtool/formats/delimited_reader.h"

#include <algorithm>

namespace llmtool {
namespace {

// Carriage returns between quotes belong to a name.
void require_line_feeds(std::string_view header, const SourcePosition& position) {
  if (header.find('\r') != std::string_view::npos && header.find('"') == std::string_view::npos)
    throw DataError(position,
                    "the header contains carriage returns; if the file has old Mac line ends, convert it: "
                    "tr '\\r' '\\n'");
}

void require_usable_names(const ColumnNames& names, const SourcePosition& position) {
  for (auto name = names.begin(); name != names.end(); ++name) {
    const std::string number = std::to_string(name - names.begin() + 1);
    if (name->empty()) throw DataError(position, "column " + number + " of the header has no name");
    if (std::find(names.begin(), name, *name) != name)
      throw DataError(position, "the header names the column " + quote(*name) + " twice");
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
  auto names = std::make_shared<ColumnNames>();
  for (std::size_t column = 0; column < header.num_cells(); ++column) names->emplace_back(header.cell(column));
  require_usable_names(*names, {name(), lines_.line()});
  columns_ = names;
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

}  // namespace llmtool
