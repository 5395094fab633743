#pragma once

#include <cstddef>
#include <string>

#include "llmtool/formats/row_reader.h"

namespace llmtool {

// Place of a column among those of an open file. `role` is "text" or "label"; `advice` ends the message, by default how
// to name another in a config or by option. Throws DataError that lists the columns present, the nearest name and what
// separates them; also for a name that several columns of the header have.
std::size_t column_index(const RowReader& reader, const std::string& column, const std::string& role,
                         const std::string& advice = "");

}  // namespace llmtool
