#include "llmtool/formats/delimited_reader.h"

#include <algorithm>
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

}  // namespace llmtool
