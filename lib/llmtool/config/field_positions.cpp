#include "llmtool/config/field_positions.h"

namespace llmtool {

SourcePosition FieldPositions::at(const std::string& path) const {
  std::string enclosing = path;
  while (true) {
    const auto found = positions_.find(enclosing);
    if (found != positions_.end()) return found->second;
    if (enclosing.empty()) return {};
    const std::size_t end = enclosing.find_last_of(".[");
    enclosing.resize(end == std::string::npos ? 0 : end);
  }
}

std::string FieldPositions::origin(const std::string& path) const {
  const auto found = positions_.find(path);
  return found == positions_.end() ? "default" : found->second.to_string();
}

std::string join_path(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

std::string item_path(const std::string& list, std::size_t index) { return list + "[" + std::to_string(index) + "]"; }

}  // namespace llmtool
