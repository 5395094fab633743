#include "llmtool/formats/row.h"

#include <algorithm>

#include "llmtool/formats/row_writer.h"

namespace llmtool {

std::string_view Row::cell(std::size_t column) const {
  const Cell& cell = cells_[column];
  return std::string_view(text_).substr(cell.begin, cell.end - cell.begin);
}

const std::string& Row::name(std::size_t cell) const {
  return cell < size() ? (*columns_)[cell] : further_names_[cell - size()];
}

std::optional<std::size_t> Row::index(std::string_view name) const {
  if (!columns_) return std::nullopt;
  const auto column = std::find(columns_->begin(), columns_->end(), name);
  if (column != columns_->end()) return static_cast<std::size_t>(column - columns_->begin());
  const auto further = std::find(further_names_.begin(), further_names_.end(), name);
  if (further == further_names_.end()) return std::nullopt;
  return size() + static_cast<std::size_t>(further - further_names_.begin());
}

std::optional<std::string_view> Row::find(std::string_view name) const {
  const auto found = index(name);
  if (!found || !has(*found)) return std::nullopt;
  return cell(*found);
}

RowValues Row::values() const {
  RowValues values;
  if (!is_object_) {
    for (std::size_t column = 0; column < size(); ++column) values.emplace_back((*columns_)[column], cell(column));
    return values;
  }
  for (const std::size_t index : object_cells_) {
    const JsonKind kind = cells_[index].kind;
    if (kind == JsonKind::kNull) {
      values.emplace_back(name(index), nullptr);
    } else if (kind == JsonKind::kString) {
      values.emplace_back(name(index), cell(index));
    } else {
      values.emplace_back(name(index), RowValue::as_read(std::string(cell(index))));
    }
  }
  return values;
}

void Row::start(std::int64_t line, std::shared_ptr<const ColumnNames> columns) {
  line_ = line;
  columns_ = std::move(columns);
  further_names_.clear();
  text_.clear();
  cells_.clear();
  object_cells_.clear();
  is_object_ = false;
}

void Row::add_cell(std::string_view text, JsonKind kind) {
  const std::size_t begin = text_.size();
  if (kind != JsonKind::kNull) text_.append(text);
  cells_.push_back({begin, text_.size(), kind});
}

void Row::set_object(const std::vector<JsonMember>& members) {
  is_object_ = true;
  // Mostly all objects have the same keys in the same order.
  const auto is_in_place = [&](std::size_t i) { return i < size() && members[i].name == (*columns_)[i]; };
  std::vector<const JsonMember*> by_column(size(), nullptr);
  for (std::size_t i = 0; i < members.size(); ++i) {
    const auto found = is_in_place(i) ? columns_->begin() + static_cast<std::ptrdiff_t>(i)
                                      : std::find(columns_->begin(), columns_->end(), members[i].name);
    if (found != columns_->end()) {
      object_cells_.push_back(static_cast<std::size_t>(found - columns_->begin()));
      by_column[object_cells_.back()] = &members[i];
    } else {
      object_cells_.push_back(size() + further_names_.size());
      further_names_.push_back(members[i].name);
    }
  }
  for (const JsonMember* member : by_column) {
    if (member == nullptr) {
      add_cell("", JsonKind::kNull);
    } else {
      add_cell(member->text, member->kind);
    }
  }
  for (std::size_t i = 0; i < members.size(); ++i)
    if (object_cells_[i] >= size()) add_cell(members[i].text, members[i].kind);
}

}  // namespace llmtool
