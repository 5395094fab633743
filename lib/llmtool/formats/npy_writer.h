#pragma once

#include <memory>
#include <string>

#include "llmtool/formats/row_writer.h"

namespace llmtool {

// A matrix as numpy.save writes it (format 1.0, '<f4', C order): the list of numbers under `column` of every row; the
// other values of a row are left out. Lists of another length than the first throw DataError. Without rows the file is
// an empty matrix. Memory does not grow with the rows. Throws ResourceError.
std::unique_ptr<RowWriter> create_npy_rows(const std::string& path, const std::string& column);

}  // namespace llmtool
