#pragma once

#include <cstddef>
#include <string>

#include "llmtool/formats/row_reader.h"

namespace llmtool {

// Place of a column among those of an open file. `role` is "text" or "label". Throws DataError that lists the columns
// present and the nearest name.
std::size_t column_index(const RowReader& reader, const std::string& column, const std::string& role);

}  // namespace llmtool
