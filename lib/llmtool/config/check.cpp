#include "llmtool/config/check.h"

namespace llmtool::detail {

void CheckErrors::add(const std::string& field, const std::string& message) {
  const std::string path = field.empty() ? prefix_ : join_path(prefix_, field);
  errors_.add(positions_.at(path), path, message);
}

}  // namespace llmtool::detail
