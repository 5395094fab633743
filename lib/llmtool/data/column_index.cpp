#include "llmtool/data/column_index.h"

#include <algorithm>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"

namespace llmtool {

namespace {

// Of a header with thousands of columns.
constexpr std::size_t kMostListed = 20;

std::string what_is_there(const RowReader& reader, const std::string& column) {
  const ColumnNames& present = reader.columns();
  std::string text = "the columns are " + listed(present, quote, kMostListed);
  const std::string nearest = nearest_name(column, present);
  if (!nearest.empty()) text += " (did you mean " + quote(nearest) + "?)";
  if (const auto delimiter = reader.delimiter())
    text += ", with " + describe_delimiter(*delimiter) + " between them (data.delimiter, --delimiter)";
  return text;
}

}  // namespace

std::size_t column_index(const RowReader& reader, const std::string& column, const std::string& role,
                         const std::string& advice) {
  if (reader.is_repeated(column))
    throw DataError(reader.name() + ": the header names the column " + quote(column) +
                    " more than once; give the one meant for the " + role + " a name of its own");
  const ColumnNames& present = reader.columns();
  const auto found = std::find(present.begin(), present.end(), column);
  if (found != present.end()) return static_cast<std::size_t>(found - present.begin());
  throw DataError(
      reader.name() + ": there is no column " + quote(column) + " for the " + role + "; " +
      what_is_there(reader, column) + "; " +
      (advice.empty() ? "name the right one under data." + role + " or with --" + role + "-column" : advice));
}

}  // namespace llmtool
