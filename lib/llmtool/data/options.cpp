#include "llmtool/data/options.h"

#include <algorithm>
#include <set>

#include "llmtool/core/errors.h"
#include "llmtool/core/json.h"

namespace llmtool {

ShareOrFile ShareOrFile::from_json(const Json& json) {
  if (json.is_number()) {
    const double share = json.get<double>();
    if (!(share > 0.0 && share < 1.0))
      throw ValueError(json.dump() + " is no share between 0 and 1 (0.1 takes a tenth of the training file)");
    return {share, ""};
  }
  if (!json.is_string()) throw ValueError("expected a file or a share between 0 and 1, such as 0.1");
  if (json.get_ref<const std::string&>().empty()) throw ValueError("the path is empty");
  return {std::nullopt, json.get<std::string>()};
}

Json ShareOrFile::to_json() const { return share ? Json(*share) : Json(file); }

Json ShareOrFile::json_schema() {
  return Json::parse(R"({"oneOf": [{"type": "string", "minLength": 1},
      {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}]})");
}

namespace {

bool is_position(const std::string& column) {
  return !column.empty() && column.size() <= 9 &&
         std::all_of(column.begin(), column.end(), [](char digit) { return digit >= '0' && digit <= '9'; }) &&
         (column == "0" || column[0] != '0');
}

void check_distinct(const char* field, const std::vector<std::string>& columns, FieldErrors& errors) {
  for (auto column = columns.begin(); column != columns.end(); ++column)
    if (std::find(columns.begin(), column, *column) != column)
      errors.add(field, "column " + quote(*column) + " is named twice");
}

void check_columns(const DataOptions& options, FieldErrors& errors) {
  if (options.text.empty() || options.text.size() > 3)
    errors.add("text", "name one to three columns; there are " + std::to_string(options.text.size()));
  check_distinct("text", options.text, errors);
  check_distinct("label", options.label, errors);
  if (options.label.empty()) errors.add("label", "name at least one column");
  for (const std::string& column : options.label)
    if (std::ranges::find(options.text, column) != options.text.end())
      errors.add("label", "column " + quote(column) + " is both text and label");
}

void check_column_name(const std::string& field, const std::string& column, bool header, FieldErrors& errors) {
  if (column.empty())
    errors.add(field, "the column's name is empty");
  else if (!header && !is_position(column))
    errors.add(field, "without header, columns are given by position from \"0\"; " + quote(column) + " is none");
}

void check_labels(const DataOptions& options, FieldErrors& errors) {
  std::set<std::string_view> seen;
  for (const std::string& name : options.labels) {
    if (name.empty()) errors.add("labels", "a label name is empty");
    if (!seen.insert(name).second) errors.add("labels", "label " + quote(name) + " is listed twice");
  }
  if (options.labels.size() == 1) errors.add("labels", "one label leaves nothing to decide; list at least two");
}

}  // namespace

void DataOptions::check(FieldErrors& errors) const {
  check_columns(*this, errors);
  for (const std::string& column : text) check_column_name("text", column, header, errors);
  for (const std::string& column : label) check_column_name("label", column, header, errors);
  check_labels(*this, errors);
  if (train.empty()) errors.add("train", "name at least one file");
}

void MaskingOptions::check(FieldErrors& errors) const {
  if (mask_share + random_share > 1.0 + 1e-12)
    errors.add("random_share", "mask_share and random_share are more than 1 together");
}

}  // namespace llmtool
