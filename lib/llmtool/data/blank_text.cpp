#include "llmtool/data/blank_text.h"

namespace llmtool {

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\r\n\v\f") == std::string_view::npos; }

bool has_blank_text(const Record& record) {
  return is_blank(record.text) || (record.has_pair && is_blank(record.text_pair));
}

}  // namespace llmtool
