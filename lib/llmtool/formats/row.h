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
class RowValue;  // row_writer.h
// Named values in the order they are written.
using RowValues = std::vector<std::pair<std::string, RowValue>>;

// One row of a table; owns its cells. Cells of CSV, TSV and text are strings. A JSONL value that is not a string is
// its JSON text as a cell (`3`, `true`, `["a"]`), without white space, numbers with the digits they have.
class Row {
 public:
  // Line of the file on which the row starts, from 1.
  std::int64_t line() const { return line_; }
  // Cells are numbered as the reader's columns().
  std::size_t size() const { return columns_ ? columns_->size() : 0; }
  // False only in JSONL: the key is missing or null.
  bool has(std::size_t column) const { return cells_[column].kind != JsonKind::kNull; }
  // kNull when !has(column).
  JsonKind kind(std::size_t column) const { return cells_[column].kind; }
  // "" when !has(column). Lives until the row is changed.
  std::string_view cell(std::size_t column) const;
  // Number of the cell of that name; in JSONL also of keys that the first object did not have.
  std::optional<std::size_t> index(std::string_view name) const;
  // The cell of that name when present.
  std::optional<std::string_view> find(std::string_view name) const;
  // Everything in the row, to be passed through: JSONL keys in their own order with their types, else strings.
  RowValues values() const;

  // For readers: a row is started, then gets one cell per column.
  void start(std::int64_t line, std::shared_ptr<const ColumnNames> columns);
  void add_cell(std::string_view text, JsonKind kind = JsonKind::kString);
  void set_columns(std::shared_ptr<const ColumnNames> columns) { columns_ = std::move(columns); }
  // Takes all cells from an object.
  void set_object(const std::vector<JsonMember>& members);
  std::size_t num_cells() const { return cells_.size(); }

 private:
  struct Cell {
    std::size_t begin = 0;
    std::size_t end = 0;
    JsonKind kind = JsonKind::kString;
  };

  const std::string& name(std::size_t cell) const;

  std::int64_t line_ = 0;
  std::shared_ptr<const ColumnNames> columns_;
  ColumnNames further_names_;  // JSONL keys that are no columns; their cells follow those of the columns
  std::string text_;           // the cells one after another
  std::vector<Cell> cells_;
  std::vector<std::size_t> object_cells_;  // JSONL: cells in the order of the object
  bool is_object_ = false;
};

}  // namespace llmtool
