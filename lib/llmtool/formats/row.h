#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "llmtool/core/json.h"

namespace llmtool {

using ColumnNames = std::vector<std::string>;
// Named values in the order they are written.
using RowValues = std::vector<std::pair<std::string, Json>>;

// One row of a table; owns its cells. Cells of CSV, TSV and text are strings. A JSONL value that is not a string is
// its JSON text as a cell (`3`, `true`, `["a"]`) and keeps its type in json() and values().
class Row {
 public:
  // Line of the file on which the row starts, from 1.
  std::int64_t line() const { return line_; }
  // Cells are numbered as the reader's columns().
  std::size_t size() const { return columns_ ? columns_->size() : 0; }
  // False only in JSONL: the key is missing or null.
  bool has(std::size_t column) const { return cells_[column].present; }
  // "" when !has(column). Lives until the row is changed.
  std::string_view cell(std::size_t column) const;
  // The cell of that name when present; in JSONL also keys that the first object did not have.
  std::optional<std::string_view> find(std::string_view name) const;
  // The parsed object of a JSONL row, otherwise null.
  const Json& json() const { return json_; }
  // Everything in the row, to be passed through: JSONL keys in their own order with their types, else strings.
  RowValues values() const;

  // For readers: a row is started, then gets one cell per column.
  void start(std::int64_t line, std::shared_ptr<const ColumnNames> columns);
  void add_cell(std::string_view text);
  void set_columns(std::shared_ptr<const ColumnNames> columns) { columns_ = std::move(columns); }
  // Takes all cells from an object.
  void set_object(Json object);
  std::size_t num_cells() const { return cells_.size(); }

 private:
  struct Cell {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool present = true;
  };

  void add_value(const Json* value);
  std::string_view text_of(const Cell& cell) const;

  std::int64_t line_ = 0;
  std::shared_ptr<const ColumnNames> columns_;
  ColumnNames further_names_;  // JSONL keys that are no columns; their cells follow those of the columns
  std::string text_;           // the cells one after another
  std::vector<Cell> cells_;
  Json json_;
};

}  // namespace llmtool
