#include "llmtool/data/column_index.h"

#include <algorithm>

#include "llmtool/core/errors.h"
#include "llmtool/core/listed.h"

namespace llmtool {

std::size_t column_index(const RowReader& reader, const std::string& column, const std::string& role) {
  const ColumnNames& present = reader.columns();
  const auto found = std::find(present.begin(), present.end(), column);
  if (found != present.end()) return static_cast<std::size_t>(found - present.begin());
  std::string text =
      "there is no column " + quote(column) + " for the " + role + "; the columns are " + listed(present, quote);
  const std::string nearest = nearest_name(column, present);
  if (!nearest.empty()) text += " (did you mean " + quote(nearest) + "?)";
  text += "; name the right one under data." + role + " or with --" + role + "-column";
  throw DataError(reader.name() + ": " + text);
}

}  // namespace llmtool
