#include "llmtool/formats/row.h"

#include <algorithm>

namespace llmtool {

std::string_view Row::text_of(const Cell& cell) const {
  return std::string_view(text_).substr(cell.begin, cell.end - cell.begin);
}

std::string_view Row::cell(std::size_t column) const { return text_of(cells_[column]); }

std::optional<std::string_view> Row::find(std::string_view name) const {
  const auto find_in = [&](const ColumnNames& names, std::size_t first_cell) -> std::optional<std::string_view> {
    const auto found = std::find(names.begin(), names.end(), name);
    if (found == names.end()) return std::nullopt;
    const Cell& cell = cells_[first_cell + static_cast<std::size_t>(found - names.begin())];
    return cell.present ? std::optional(text_of(cell)) : std::nullopt;
  };
  if (!columns_) return std::nullopt;
  if (const auto cell = find_in(*columns_, 0)) return cell;
  return find_in(further_names_, columns_->size());
}

RowValues Row::values() const {
  RowValues values;
  if (json_.is_object()) {
    for (const auto& [name, value] : json_.items()) values.emplace_back(name, value);
    return values;
  }
  for (std::size_t column = 0; column < size(); ++column) values.emplace_back((*columns_)[column], cell(column));
  return values;
}

void Row::start(std::int64_t line, std::shared_ptr<const ColumnNames> columns) {
  line_ = line;
  columns_ = std::move(columns);
  further_names_.clear();
  text_.clear();
  cells_.clear();
  json_ = nullptr;
}

void Row::add_cell(std::string_view text) {
  const std::size_t begin = text_.size();
  text_.append(text);
  cells_.push_back({begin, text_.size(), true});
}

void Row::add_value(const Json* value) {
  if (value == nullptr || value->is_null()) {
    cells_.push_back({text_.size(), text_.size(), false});
  } else if (value->is_string()) {
    add_cell(value->get_ref<const std::string&>());
  } else {
    add_cell(to_json_text(*value));
  }
}

void Row::set_object(Json object) {
  json_ = std::move(object);
  std::size_t num_found = 0;
  for (const std::string& column : *columns_) {
    const auto found = json_.find(column);
    num_found += found == json_.end() ? 0 : 1;
    add_value(found == json_.end() ? nullptr : &*found);
  }
  if (num_found == json_.size()) return;
  for (const auto& [name, value] : json_.items()) {
    if (std::find(columns_->begin(), columns_->end(), name) != columns_->end()) continue;
    further_names_.push_back(name);
    add_value(&value);
  }
}

}  // namespace llmtool
