#include "llmtool/formats/row_value.h"

namespace llmtool {

void RowValue::append_json(std::string& text) const { text += json_text_.empty() ? to_json_text(json_) : json_text_; }

std::string RowValue::cell() const {
  if (!json_text_.empty()) return json_text_;
  if (json_.is_string()) return json_.get<std::string>();
  return json_.is_null() ? "" : to_json_text(json_);
}

}  // namespace llmtool
