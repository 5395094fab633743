#pragma once

#include <catch2/catch.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "llmtool/core/errors.h"
#include "llmtool/formats/row_reader.h"

namespace llmtool::testing {

using Cells = std::vector<std::string>;

inline std::unique_ptr<RowReader> rows_of(std::string content, ReadOptions options) {
  return open_rows(bytes_from_memory(std::move(content), "in"), options);
}

inline Cells cells_of(const Row& row) {
  Cells cells;
  for (std::size_t column = 0; column < row.size(); ++column) cells.emplace_back(row.cell(column));
  return cells;
}

inline std::vector<Cells> all_cells(std::string content, ReadOptions options) {
  const auto reader = rows_of(std::move(content), std::move(options));
  std::vector<Cells> cells;
  Row row;
  while (reader->next(row)) cells.push_back(cells_of(row));
  return cells;
}

// The text of the error `action` throws; fails the test when there is none or it has another exit code.
inline std::string message_of(const std::function<void()>& action, ExitCode expected) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.exit_code() == expected);
    return error.what();
  }
  FAIL("no error was thrown");
  return "";
}

inline std::string read_message(std::string content, ReadOptions options) {
  return message_of([&] { all_cells(std::move(content), std::move(options)); }, ExitCode::kData);
}

}  // namespace llmtool::testing
